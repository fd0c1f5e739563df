/* libanvil_rt: the mathematics of anvil_rt.h as exported functions. */
#define ANVIL_RT_EXPORT
#include "anvil_rt.h"

/* Records every page access of the SQLite pager.

   SQLite lets an application replace its page cache (SQLITE_CONFIG_PCACHE2). This shim keeps the built-in page
   cache and only stands in front of it: each xFetch that returns a page is one access of the pager. What is
   recorded is therefore the sequence of page accesses of the program itself, before any cache has filtered it.

   An id is (page cache << 32 | page number): one cache per database file, one per temporary b-tree. Fetches that
   return nothing (a probe, or a first try that SQLite repeats after spilling) are no accesses. Pages of in-memory
   databases (not purgeable) are no candidates for eviction and are left out. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct { uint64_t id; uint32_t time; uint32_t size; } access_record;
typedef struct { sqlite3_pcache* inner; uint64_t number; uint32_t page_size; int purgeable; } cache_shim;

static sqlite3_pcache_methods2 inner_methods;
static FILE* output;
static uint64_t n_caches, n_accesses;
static uint32_t clock_now;

static cache_shim* shim_of(sqlite3_pcache* cache) { return (cache_shim*)(void*)cache; }

static sqlite3_pcache* shim_create(int page_size, int extra, int purgeable) {
    cache_shim* shim = malloc(sizeof *shim);
    if (shim == NULL) return NULL;
    shim->inner = inner_methods.xCreate(page_size, extra, purgeable);
    shim->number = purgeable ? n_caches++ : 0;
    shim->page_size = (uint32_t)page_size;
    shim->purgeable = purgeable;
    if (shim->inner == NULL) { free(shim); return NULL; }
    return (sqlite3_pcache*)(void*)shim;
}

static sqlite3_pcache_page* shim_fetch(sqlite3_pcache* cache, unsigned page, int create) {
    cache_shim* shim = shim_of(cache);
    sqlite3_pcache_page* found = inner_methods.xFetch(shim->inner, page, create);
    if (found != NULL && shim->purgeable && output != NULL) {
        const access_record record = {shim->number << 32 | page, clock_now, shim->page_size};
        if (fwrite(&record, sizeof record, 1, output) == 1) ++n_accesses;
    }
    return found;
}

static void shim_destroy(sqlite3_pcache* cache) {
    inner_methods.xDestroy(shim_of(cache)->inner);
    free(cache);
}
static void shim_cachesize(sqlite3_pcache* c, int n) { inner_methods.xCachesize(shim_of(c)->inner, n); }
static int shim_pagecount(sqlite3_pcache* c) { return inner_methods.xPagecount(shim_of(c)->inner); }
static void shim_unpin(sqlite3_pcache* c, sqlite3_pcache_page* p, int discard) {
    inner_methods.xUnpin(shim_of(c)->inner, p, discard);
}
static void shim_rekey(sqlite3_pcache* c, sqlite3_pcache_page* p, unsigned from, unsigned to) {
    inner_methods.xRekey(shim_of(c)->inner, p, from, to);
}
static void shim_truncate(sqlite3_pcache* c, unsigned limit) { inner_methods.xTruncate(shim_of(c)->inner, limit); }
static void shim_shrink(sqlite3_pcache* c) { inner_methods.xShrink(shim_of(c)->inner); }

/* Must run before SQLite is initialised. 0, or SQLite's error code. */
int recorder_install(void) {
    const int status = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &inner_methods);
    if (status != SQLITE_OK) return status;
    sqlite3_pcache_methods2 methods = inner_methods;
    methods.xCreate = shim_create;
    methods.xCachesize = shim_cachesize;
    methods.xPagecount = shim_pagecount;
    methods.xFetch = shim_fetch;
    methods.xUnpin = shim_unpin;
    methods.xRekey = shim_rekey;
    methods.xTruncate = shim_truncate;
    methods.xDestroy = shim_destroy;
    methods.xShrink = shim_shrink;
    return sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}

/* Starts writing 16-byte records <u64 id, u32 time, u32 size>. 0, or -1 when the file cannot be opened. */
int recorder_start(const char* path) {
    n_accesses = 0;
    output = fopen(path, "wb");
    return output == NULL ? -1 : 0;
}
void recorder_set_time(uint32_t now) { clock_now = now; }
uint64_t recorder_count(void) { return n_accesses; }
int recorder_stop(void) {
    FILE* file = output;
    output = NULL;
    return file == NULL ? -1 : fclose(file);
}

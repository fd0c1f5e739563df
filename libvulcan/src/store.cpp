#include <vulcan/store.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace vulcan {
namespace {

constexpr uint64_t default_objects = uint64_t{1} << 26;
constexpr uint64_t default_reserve = uint64_t{1} << 42;  // bytes of address space; a process has 2^47
constexpr uint64_t most_objects = UINT32_MAX - 1;        // rows are 32-bit

uint64_t wanted_objects(const Schema& schema, const StoreOptions& options) {
    if (options.max_objects) {
        if (*options.max_objects == 0 || *options.max_objects > most_objects) {
            throw SchemaError("max_objects is " + std::to_string(*options.max_objects) + "; it must be in [1, 4294967294]");
        }
        return *options.max_objects;
    }
    uint64_t objects = std::min(default_objects, default_reserve / schema.stride());
    if (options.memory_budget) objects = std::min(objects, *options.memory_budget / schema.object_bytes());
    return std::max<uint64_t>(objects, 1);
}

void* reserve(uint64_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

}  // namespace

Store::Store(Schema schema, StoreOptions options) : schema_(std::move(schema)), stride_(schema_.stride()) {
    max_objects_ = wanted_objects(schema_, options);
    if (options.memory_budget) schema_.require_budget(max_objects_, *options.memory_budget);
    globals_ = std::make_unique<uint8_t[]>(std::max<uint64_t>(schema_.global_bytes(), 8));
    make_plans();
    position_.push_back(0);  // of row 0, which is nobody's
    reserve_rows(options);
    context_ = {globals_.get(), shared_.data(), this};
}

Store::~Store() { munmap(base_, reserved_); }

void Store::make_plans() {
    for (const Signal& signal : schema_.signals()) {
        plans_.push_back({signal.type, signal.low, signal.high, to_i64(std::ceil(signal.low)), to_i64(std::floor(signal.high)), {}});
    }
    for (const Slot& slot : schema_.slots()) {
        const bool shared = slot.listener.kind == ListenerKind::pop_percentile;
        populations_.push_back(shared ? std::make_unique<Population>() : nullptr);
        shared_.push_back(populations_.back().get());
        Step step{slot.listener.kind, slot.offset, 0, nullptr, populations_.back().get()};
        const std::vector<double>& params = slot.listener.params;  // of schema_, which never changes again
        if (step.kind == ListenerKind::ewma) step.n = params.size(), step.alphas = params.data();
        if (step.kind == ListenerKind::rolling_window) step.n = static_cast<uint64_t>(params[0]);
        plans_[schema_.signal(slot.signal.name)].steps.push_back(step);
    }
}

void Store::reserve_rows(const StoreOptions& options) {
    for (;; max_objects_ /= 2) {
        reserved_ = (max_objects_ + 1) * stride_;
        const bool countable = (max_objects_ + 1) <= UINT64_MAX / stride_;
        void* region = countable ? reserve(reserved_) : MAP_FAILED;
        if (region != MAP_FAILED) {
            base_ = static_cast<uint8_t*>(region);
            return;
        }
        if (options.max_objects || max_objects_ < 1024) {  // what was asked for cannot be had
            throw std::runtime_error("cannot reserve address space for " + std::to_string(max_objects_) + " rows of " +
                                     std::to_string(stride_) + " bytes; lower max_objects or raise the limit (ulimit -v)");
        }
    }
}

Row Store::add_new(int64_t id) {
    if (size() >= max_objects_) throw std::length_error("the store is full: max_objects is " + std::to_string(max_objects_));
    const bool recycled = !free_.empty();
    const Row row = recycled ? free_.back() : static_cast<Row>(row_limit_);
    if (!recycled) position_.resize(row_limit_ + 1);
    ids_.insert(id, row);
    live_rows_.push_back(row);
    live_ids_.push_back(id);
    position_[row] = static_cast<uint32_t>(live_rows_.size() - 1);
    if (recycled) {
        free_.pop_back();
    } else {
        ++row_limit_;
    }
    return row;
}

bool Store::remove(int64_t id) {
    const Row row = ids_.erase(id);
    if (row == absent_row) return false;
    uint8_t* data = base_ + stride_ * row;
    leave_populations(data);
    std::memset(data, 0, stride_);
    free_.push_back(row);
    const uint32_t hole = position_[row];  // the last of the live list moves into the hole
    live_rows_[hole] = live_rows_.back();
    live_ids_[hole] = live_ids_.back();
    position_[live_rows_[hole]] = hole;
    live_rows_.pop_back();
    live_ids_.pop_back();
    return true;
}

void Store::leave_populations(const uint8_t* row) {
    for (size_t i = 0; i < populations_.size(); ++i) {
        if (populations_[i] == nullptr) continue;
        const Slot& slot = schema_.slots()[i];
        const uint8_t* state = row + slot.offset;
        if (slot.signal.type == Type::i64) {
            listeners::leave_population<int64_t>(state, *populations_[i]);
        } else {
            listeners::leave_population<double>(state, *populations_[i]);
        }
    }
}

const uint8_t* Store::state(uint32_t slot, Row row) const noexcept {
    const Slot& info = schema_.slots()[slot];
    return (info.signal.scope == Scope::global ? globals_.get() : row_data(row)) + info.offset;
}

uint64_t Store::bytes() const noexcept {
    uint64_t total = sizeof *this + row_limit_ * stride_ + ids_.bytes() + schema_.global_bytes();
    total += (free_.capacity() + live_rows_.capacity() + position_.capacity()) * 4 + live_ids_.capacity() * 8;
    for (const auto& population : populations_) total += population == nullptr ? 0 : population->bytes();
    return total;
}

}  // namespace vulcan

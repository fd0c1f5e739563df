// The signals of the template (template.anv), written into the feature store. A signal that no listener of the policy
// reads costs nothing.
#pragma once

#include <cstdint>
#include <string>

#include <vulcan/schema.hpp>
#include <vulcan/store.hpp>

namespace vulcan::cache {

class Signals {
public:
    explicit Signals(const Schema& schema)
        : now_(find(schema, "now", Scope::global)), count_(find(schema, "count", Scope::object)),
          last_access_(find(schema, "last_access", Scope::object)), insert_time_(find(schema, "insert_time", Scope::object)),
          size_(find(schema, "size", Scope::object)) {
        for (const Signal& signal : schema.signals()) require_known(signal);
    }

    void at_request(Store& store, int64_t now) const {
        if (now_ != unused) store.update_global(now_, now);
    }

    void on_insert(Store& store, Row row, int64_t now, int64_t size) const {
        if (count_ != unused) store.update(count_, row, int64_t{1});
        if (last_access_ != unused) store.update(last_access_, row, now);
        if (insert_time_ != unused) store.update(insert_time_, row, now);
        if (size_ != unused) store.update(size_, row, size);
    }

    void on_hit(Store& store, Row row, int64_t now, int64_t count) const {
        if (count_ != unused) store.update(count_, row, count);
        if (last_access_ != unused) store.update(last_access_, row, now);
    }

private:
    static constexpr SignalId unused = UINT32_MAX;

    static SignalId find(const Schema& schema, const char* name, Scope scope) {
        if (!schema.has_signal(name)) return unused;
        const SignalId id = schema.signal(name);
        const Signal& signal = schema.signals()[id];
        if (signal.scope != scope || signal.type != Type::i64) {
            throw SchemaError("signal `" + signal.name + "` has another scope or type in the cache study; see its template.anv");
        }
        return id;
    }

    static void require_known(const Signal& signal) {
        for (const char* name : {"now", "count", "last_access", "insert_time", "size"}) {
            if (signal.name == name) return;
        }
        throw SchemaError("the cache study has no signal `" + signal.name + "`; known are now, count, last_access, insert_time, size");
    }

    SignalId now_;
    SignalId count_;
    SignalId last_access_;
    SignalId insert_time_;
    SignalId size_;
};

}  // namespace vulcan::cache

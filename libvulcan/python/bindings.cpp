// The Python module vulcan._core: thin wrappers that check what C++ callers promise.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <vulcan/abi.hpp>
#include <vulcan/policy.hpp>
#include <vulcan/query.hpp>
#include <vulcan/rank.hpp>
#include <vulcan/schema.hpp>
#include <vulcan/store.hpp>

namespace py = pybind11;
using namespace vulcan;

namespace {

// ---- conversions ----------------------------------------------------------------------------------------------------

int64_t integer(py::handle number, const char* what) {
    const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
    if (!index) throw py::error_already_set();
    int overflow = 0;
    const int64_t value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    if (overflow != 0) throw py::value_error(std::string(what) + " " + std::string(py::str(index)) + " does not fit 64 bits");
    return value;
}

std::variant<int64_t, double> signal_value(py::handle number) {
    if (PyIndex_Check(number.ptr())) return integer(number, "value");
    const double value = PyFloat_AsDouble(number.ptr());
    if (value == -1.0 && PyErr_Occurred()) throw py::error_already_set();
    return value;
}

uint64_t count(const std::optional<int64_t>& given, const char* what) {
    if (*given < 0) throw py::value_error(std::string(what) + " is " + std::to_string(*given) + "; it cannot be negative");
    return static_cast<uint64_t>(*given);
}

py::dict slot_dict(const Slot& slot) {
    py::list params;
    for (const double param : slot.listener.params) {
        if (slot.listener.kind == ListenerKind::rolling_window) params.append(static_cast<int64_t>(param));
        else params.append(param);
    }
    py::dict plain;
    plain["signal"] = slot.signal.name;
    plain["scope"] = name_of(slot.signal.scope);
    plain["type"] = name_of(slot.signal.type);
    plain["listener"] = name_of(slot.listener.kind);
    plain["params"] = params;
    plain["offset"] = slot.offset;
    plain["low"] = std::isinf(slot.signal.low) ? py::object(py::none()) : py::float_(slot.signal.low);
    plain["high"] = std::isinf(slot.signal.high) ? py::object(py::none()) : py::float_(slot.signal.high);
    return plain;
}

Slot slot_of(const py::dict& plain) {
    for (const char* key : {"signal", "scope", "type", "listener", "params", "offset"}) {
        if (!plain.contains(key)) throw py::value_error(std::string("a slot lacks `") + key + "`");
    }
    Slot slot;
    slot.signal.name = py::cast<std::string>(plain["signal"]);
    slot.signal.scope = scope_named(py::cast<std::string>(plain["scope"]));
    slot.signal.type = type_named(py::cast<std::string>(plain["type"]));
    slot.listener.kind = listener_named(py::cast<std::string>(plain["listener"]));
    for (const py::handle param : plain["params"]) slot.listener.params.push_back(py::cast<double>(param));
    slot.offset = count(integer(plain["offset"], "offset"), "offset");
    if (plain.contains("low") && !plain["low"].is_none()) slot.signal.low = py::cast<double>(plain["low"]);
    if (plain.contains("high") && !plain["high"].is_none()) slot.signal.high = py::cast<double>(plain["high"]);
    return slot;
}

std::vector<Slot> slots_of(const py::iterable& plain) {
    std::vector<Slot> slots;
    for (const py::handle slot : plain) slots.push_back(slot_of(py::cast<py::dict>(slot)));
    return slots;
}

// ---- store ----------------------------------------------------------------------------------------------------------

SignalId signal_in(const Store& store, const std::string& name, Scope scope) {
    const SignalId id = store.schema().signal(name);
    if (store.schema().signals()[id].scope == scope) return id;
    throw py::value_error(scope == Scope::object ? "signal `" + name + "` is global: use update_global, and no object in queries"
                                                 : "signal `" + name + "` belongs to objects: name one");
}

Row live_row(const Store& store, int64_t id) {
    const Row row = store.find(id);
    if (row == absent_row) throw UnknownName("no object " + std::to_string(id) + " in the store");
    return row;
}

void update(Store& store, const std::string& signal, const py::object& object, const py::object& value) {
    const SignalId id = signal_in(store, signal, Scope::object);
    const int64_t object_id = integer(object, "object id");
    std::visit([&](auto x) { store.update_id(id, object_id, x); }, signal_value(value));
}

void update_global(Store& store, const std::string& signal, const py::object& value) {
    const SignalId id = signal_in(store, signal, Scope::global);
    std::visit([&](auto x) { store.update_global(id, x); }, signal_value(value));
}

using Ids = py::array_t<int64_t, py::array::c_style>;

template <class T> void update_all(Store& store, SignalId signal, const Ids& ids, const py::array& values) {
    const auto typed = py::array_t<T, py::array::c_style>::ensure(values);
    if (!typed) throw py::error_already_set();
    const int64_t* id = ids.data();
    const T* value = typed.data();
    const py::ssize_t n = ids.size();
    for (py::ssize_t i = 0; i < n; ++i) store.update_id(signal, id[i], value[i]);
}

void update_many(Store& store, const std::string& signal, const Ids& ids, const py::array& values) {
    if (ids.ndim() != 1 || values.ndim() != 1 || ids.size() != values.size()) {
        throw py::value_error("ids and values must be arrays of one dimension and the same length");
    }
    const SignalId id = signal_in(store, signal, Scope::object);
    if (values.dtype().kind() == 'f') return update_all<double>(store, id, ids, values);
    if (values.dtype().kind() == 'u' && values.itemsize() == 8) {
        throw py::value_error("uint64 values may not fit int64: convert them first");
    }
    update_all<int64_t>(store, id, ids, values);
}

py::object typed_query(const Store& store, const std::string& name, SignalId signal, Row row, const py::tuple& rest) {
    const bool is_i64 = store.schema().signals()[signal].type == Type::i64;
    const auto require = [&](size_t n) {
        if (rest.size() != n) throw py::value_error("`" + name + "` takes " + std::to_string(n) + " arguments after the object");
    };
    if (name == "get_ewma") {
        require(1);
        return py::float_(query::ewma(store, signal, row, py::cast<double>(rest[0])));
    }
    if (name == "get_kth") {
        require(1);
        const int64_t k = integer(rest[0], "k");
        if (is_i64) return py::int_(query::kth<int64_t>(store, signal, row, k));
        return py::float_(query::kth<double>(store, signal, row, k));
    }
    require(0);
    if (name == "get_latest") {
        if (is_i64) return py::int_(query::latest<int64_t>(store, signal, row));
        return py::float_(query::latest<double>(store, signal, row));
    }
    if (name == "get_avg") return py::float_(query::avg(store, signal, row));
    if (name == "get_n") return py::int_(query::n(store, signal, row));
    if (name == "get_pop_percentile") return py::float_(query::pop_rank(store, signal, row));
    throw UnknownName("no query `" + name + "`; known: get_latest get_avg get_n get_ewma get_kth get_pop_percentile");
}

py::object run_query(const Store& store, const std::string& name, const std::string& signal, const py::args& arguments) {
    const SignalId id = store.schema().signal(signal);
    const Signal& info = store.schema().signals()[id];
    if (info.scope == Scope::global) return typed_query(store, name, id, absent_row, arguments);
    if (arguments.empty()) throw py::value_error("signal `" + signal + "` belongs to objects: name one");
    if (name == "get_pop_percentile" && arguments.size() == 1 && PyFloat_Check(arguments[0].ptr())) {
        const double p = py::cast<double>(arguments[0]);
        if (info.type == Type::i64) return py::int_(query::pop_value<int64_t>(store, id, p));
        return py::float_(query::pop_value<double>(store, id, p));
    }
    const Row row = store.find(integer(arguments[0], "object id"));
    return typed_query(store, name, id, row, arguments[py::slice(1, std::nullopt, 1)]);
}

Ids live_ids(const Store& store) { return Ids(static_cast<py::ssize_t>(store.size()), store.live_ids()); }

// ---- policy ---------------------------------------------------------------------------------------------------------

// The code dies with the last policy, wherever that goes: its release needs the interpreter's lock.
std::shared_ptr<const void> keep_alive(py::object code) {
    return {code.release().ptr(), [](const void* object) {
                if (!Py_IsInitialized()) return;
                const py::gil_scoped_acquire lock;
                Py_DECREF(static_cast<PyObject*>(const_cast<void*>(object)));
            }};
}

template <class Fn> Fn function_at(const py::dict& entry, const char* key) {
    if (!entry.contains(key) || entry[key].is_none()) return nullptr;
    return reinterpret_cast<Fn>(static_cast<uintptr_t>(py::cast<uint64_t>(entry[key])));
}

Policy policy_of(const py::object& code, const std::string& entry) {
    const py::dict entries = code.attr("entries");
    if (!entries.contains(entry.c_str())) {
        std::string known;
        for (const auto& [name, value] : entries) known += " `" + std::string(py::str(name)) + "`";
        throw UnknownName("no entry point `" + entry + "`; compiled:" + (known.empty() ? " none" : known));
    }
    const py::dict found = entries[entry.c_str()];
    const auto kind = py::cast<std::string>(found["kind"]);
    std::vector<Slot> slots = slots_of(code.attr("slots"));
    if (kind == "value") return {entry, std::move(slots), function_at<ValueFn>(found, "address"), keep_alive(code)};
    if (kind != "rank") throw py::value_error("entry `" + entry + "` is of kind `" + kind + "`; it must be `rank` or `value`");
    return {entry, std::move(slots), function_at<RankFn>(found, "address"), function_at<RankBatchFn>(found, "batch_address"),
            keep_alive(code)};
}

const Policy& ranking(const Policy& policy, const Store& store) {
    policy.require_rank();
    policy.require(store.schema());
    return policy;
}

double value(const Policy& policy, const Store& store) {
    policy.require_value();
    policy.require(store.schema());
    return policy.value(store);
}

py::array_t<double> score_many(const Policy& policy, const Store& store, const Ids& ids) {
    ranking(policy, store);
    if (ids.ndim() != 1) throw py::value_error("ids must be an array of one dimension");
    std::vector<Row> rows(static_cast<size_t>(ids.size()));
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = store.find(ids.data()[i]);
    py::array_t<double> scores(ids.size());
    policy.score_batch(store, rows.data(), ids.data(), rows.size(), scores.mutable_data());
    return scores;
}

std::vector<int64_t> ids_of(const std::vector<Ranked>& ranked) {
    std::vector<int64_t> ids;
    ids.reserve(ranked.size());
    for (const Ranked& object : ranked) ids.push_back(object.id);
    return ids;
}

// Rows are the store's own: one heap must not be filled from two stores.
struct Heap {
    explicit Heap(const Store& store_) : store(&store_) {}
    const Store* store;
    IncrementalSort heap;
};

// ---- classes --------------------------------------------------------------------------------------------------------

void bind_schema(py::module_& m) {
    py::class_<Schema>(m, "Schema", "Signals, their listeners, and the row layout that follows.")
        .def(py::init<>())
        .def_static(
            "from_slots",
            [](const py::iterable& slots) {
                Schema schema;
                schema.attach(slots_of(slots));
                return schema;
            },
            py::arg("slots"), "The schema of a compiled program: `code.slots`.")
        .def(
            "declare",
            [](Schema& self, const std::string& name, const std::string& scope, const std::string& type) {
                return self.declare(name, scope_named(scope), type_named(type));
            },
            py::arg("name"), py::arg("scope") = "object", py::arg("type") = "f64", "Declare a signal; returns its number.")
        .def(
            "attach",
            [](Schema& self, const std::string& signal, const std::string& listener, std::vector<double> params) {
                return self.attach(self.signal(signal), {listener_named(listener), std::move(params)});
            },
            py::arg("signal"), py::arg("listener"), py::arg("params") = std::vector<double>{},
            "Attach a listener to a signal; returns the slot's number.")
        .def_property_readonly("slots",
                               [](const Schema& self) {
                                   py::list slots;
                                   for (const Slot& slot : self.slots()) slots.append(slot_dict(slot));
                                   return slots;
                               })
        .def_property_readonly("row_bytes", &Schema::row_bytes, "Bytes of state of one object.")
        .def_property_readonly("stride", &Schema::stride, "Bytes from one row to the next.")
        .def_property_readonly("global_bytes", &Schema::global_bytes)
        .def_property_readonly("object_bytes", &Schema::object_bytes,
                               "Upper bound of the bytes an object costs, with index and populations.")
        .def(
            "require_budget",
            [](const Schema& self, int64_t objects, int64_t budget) {
                self.require_budget(count(objects, "objects"), count(budget, "budget"));
            },
            py::arg("objects"), py::arg("budget"), "ValueError when so many objects need more than `budget` bytes.")
        .def("__str__", &Schema::to_string);
}

void bind_store(py::module_& m) {
    py::class_<Store>(m, "Store", "The feature store. Not thread-safe.")
        .def(py::init([](const Schema& schema, std::optional<int64_t> max_objects, std::optional<int64_t> memory_budget) {
                 StoreOptions options;
                 if (max_objects) options.max_objects = count(max_objects, "max_objects");
                 if (memory_budget) options.memory_budget = count(memory_budget, "memory_budget");
                 return std::make_unique<Store>(schema, options);
             }),
             py::arg("schema"), py::arg("max_objects") = std::nullopt, py::arg("memory_budget") = std::nullopt)
        .def_property_readonly("schema", [](const Store& self) { return self.schema(); })
        .def(
            "add", [](Store& self, const py::object& id) { self.add(integer(id, "object id")); }, py::arg("id"),
            "Add an object with empty listeners; nothing happens when it is there.")
        .def(
            "remove", [](Store& self, const py::object& id) { return self.remove(integer(id, "object id")); }, py::arg("id"),
            "Remove an object with all it had; False when it is absent.")
        .def("__len__", &Store::size)
        .def("__contains__", [](const Store& self, const py::object& id) { return self.contains(integer(id, "object id")); })
        .def("ids", &live_ids, "The ids of all objects, in no particular order.")
        .def("update", &update, py::arg("signal"), py::arg("id"), py::arg("value"),
             "A new value of an object's signal; adds the object when it is absent. Non-finite values are dropped and counted.")
        .def("update_global", &update_global, py::arg("signal"), py::arg("value"))
        .def("update_many", &update_many, py::arg("signal"), py::arg("ids"), py::arg("values"),
             "update() for arrays of one dimension, in order.")
        .def("query", &run_query, py::arg("name"), py::arg("signal"),
             "A query by name, as in interface/store.anv: query(\"get_ewma\", \"gap\", obj, 0.95).")
        .def_property_readonly("dropped", &Store::dropped, "Number of non-finite values that were dropped.")
        .def_property_readonly("bytes", &Store::bytes, "Memory in use: rows, index, populations.");
}

void bind_rank(py::module_& m) {
    py::class_<Policy>(m, "Policy", "A compiled heuristic. Keeps the code alive.")
        .def(py::init(&policy_of), py::arg("code"), py::arg("entry") = "score_fn")
        .def_property_readonly("name", &Policy::name)
        .def_property_readonly("kind", [](const Policy& self) { return self.is_rank() ? "rank" : "value"; })
        .def_property_readonly("slots",
                               [](const Policy& self) {
                                   py::list slots;
                                   for (const Slot& slot : self.slots()) slots.append(slot_dict(slot));
                                   return slots;
                               })
        .def(
            "score",
            [](const Policy& self, const Store& store, const py::object& object) {
                const int64_t id = integer(object, "object id");
                return ranking(self, store).score(store, store.find(id), id);
            },
            py::arg("store"), py::arg("id"), "The score of an object; an absent one reads as empty.")
        .def("score_many", &score_many, py::arg("store"), py::arg("ids"))
        .def("value", &value, py::arg("store"));

    py::class_<OnDemandSort>(m, "OnDemandSort", "Ranks a seeded sample (0: everything) at the moment it is asked; lowest first.")
        .def(py::init([](int64_t sample, uint64_t seed) { return OnDemandSort(count(sample, "sample"), seed); }), py::arg("sample") = 0,
             py::arg("seed") = 0)
        .def(
            "argmin",
            [](OnDemandSort& self, const Store& store, const Policy& policy) -> std::optional<int64_t> {
                const auto best = self.argmin(store, ranking(policy, store));
                return best ? std::optional(best->id) : std::nullopt;
            },
            py::arg("store"), py::arg("policy"))
        .def(
            "top_k",
            [](OnDemandSort& self, const Store& store, const Policy& policy, int64_t k) {
                return ids_of(self.top_k(store, ranking(policy, store), count(k, "k")));
            },
            py::arg("store"), py::arg("policy"), py::arg("k"))
        .def(
            "order",
            [](OnDemandSort& self, const Store& store, const Policy& policy) { return ids_of(self.order(store, ranking(policy, store))); },
            py::arg("store"), py::arg("policy"));

    py::class_<Heap>(m, "IncrementalSort", "Keeps objects ordered by their score as of their last update; lowest first.")
        .def(py::init<const Store&>(), py::arg("store"), py::keep_alive<1, 2>())
        .def(
            "update",
            [](Heap& self, const Policy& policy, int64_t id) {
                self.heap.update(*self.store, ranking(policy, *self.store), live_row(*self.store, id), id);
            },
            py::arg("policy"), py::arg("id"), "Score an object anew; KeyError when it is absent.")
        .def(
            "update_score", [](Heap& self, int64_t id, double score) { self.heap.update(live_row(*self.store, id), id, score); },
            py::arg("id"), py::arg("score"))
        .def(
            "remove", [](Heap& self, int64_t id) { return self.heap.remove(live_row(*self.store, id)); }, py::arg("id"),
            "Call it before the store removes the object.")
        .def(
            "pop",
            [](Heap& self) {
                if (self.heap.size() == 0) throw UnknownName("pop from an empty ranking");
                return self.heap.pop().id;
            })
        .def_property_readonly(
            "top", [](const Heap& self) { return self.heap.size() == 0 ? std::nullopt : std::optional(self.heap.top().id); })
        .def("__len__", [](const Heap& self) { return self.heap.size(); });
}

}  // namespace

PYBIND11_MODULE(_core, m) {
    m.doc() = "Feature store and ranking engines.";
    py::register_exception_translator([](std::exception_ptr error) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const UnknownName& unknown) {
            py::set_error(PyExc_KeyError, unknown.what());
        }
    });
    bind_schema(m);
    bind_store(m);
    bind_rank(m);
    m.def(
        "symbols",
        [] {
            py::dict addresses;
            for (const Symbol& symbol : symbols()) addresses[py::str(symbol.name)] = reinterpret_cast<uintptr_t>(symbol.address);
            return addresses;
        },
        "Addresses of the functions that compiled heuristics import.");
}

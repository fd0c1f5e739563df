// Python bindings of the simulator: arrays in, counts out, no Python call in between.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <string>

#include "baselines.hpp"
#include "policy_simulation.hpp"

namespace py = pybind11;
using namespace vulcan;
using namespace vulcan::cache;

namespace {

template <class T> using Array = py::array_t<T, py::array::c_style>;

template <class T> std::span<const T> view(const Array<T>& array, const char* name) {
    if (array.ndim() != 1) throw py::value_error(std::string(name) + " must be one-dimensional");
    return {array.data(), static_cast<size_t>(array.size())};
}

// Everything the simulator indexes by is checked here, once.
TraceView make_trace(const Array<uint32_t>& objects, const Array<uint32_t>& sizes, uint32_t n_objects, bool uniform) {
    TraceView trace{view(objects, "objects"), view(sizes, "sizes"), n_objects};
    if (trace.sizes.size() != trace.objects.size()) throw py::value_error("objects and sizes differ in length");
    if (std::ranges::any_of(trace.objects, [&](uint32_t object) { return object >= n_objects; })) {
        throw py::value_error("an object number is not below n_objects");
    }
    if (uniform) {
        trace.sizes = {};
    } else if (std::ranges::any_of(trace.sizes, [](uint32_t size) { return size == 0; })) {
        throw py::value_error("a size is 0");
    }
    return trace;
}

uint64_t checked_capacity(int64_t capacity) {
    if (capacity < 1 || capacity > int64_t{1} << 62) throw py::value_error("capacity must lie in [1, 2**62]");
    return static_cast<uint64_t>(capacity);
}

Tally simulate(const Array<uint32_t>& objects, const Array<uint32_t>& sizes, uint32_t n_objects, const std::string& algorithm,
               int64_t capacity, bool uniform, uint64_t measure_from) {
    const TraceView trace = make_trace(objects, sizes, n_objects, uniform);
    const uint64_t bytes = checked_capacity(capacity);
    const py::gil_scoped_release release;
    return run_baseline(algorithm, trace, bytes, measure_from);
}

Slot make_slot(const py::dict& slot) {
    return {{slot["signal"].cast<std::string>(), scope_named(slot["scope"].cast<std::string>()), type_named(slot["type"].cast<std::string>())},
            {listener_named(slot["listener"].cast<std::string>()), slot["params"].cast<std::vector<double>>()},
            slot["offset"].cast<uint64_t>()};
}

// A code object has `slots` and `entries`, as both back ends make them; the caller keeps it alive.
Policy make_policy(const py::object& code, const std::string& entry) {
    const py::dict entries = code.attr("entries");
    if (!entries.contains(entry)) throw py::value_error("the code has no entry point `" + entry + "`");
    const py::object function = entries[py::str(entry)];
    if (function["kind"].cast<std::string>() != "rank") throw py::value_error("`" + entry + "` is no rank function");
    std::vector<Slot> slots;
    for (const py::handle slot : code.attr("slots")) slots.push_back(make_slot(slot.cast<py::dict>()));
    const auto scalar = function["address"].cast<uintptr_t>();
    const py::object batch = function["batch_address"];
    const uintptr_t batch_address = batch.is_none() ? 0 : batch.cast<uintptr_t>();
    if (scalar == 0) throw py::value_error("the address of `" + entry + "` is null");
    return {entry, std::move(slots), reinterpret_cast<RankFn>(scalar), reinterpret_cast<RankBatchFn>(batch_address)};
}

Ranking ranking_named(const std::string& name) {
    if (name == "incremental") return Ranking::incremental;
    if (name == "sample") return Ranking::sample;
    throw py::value_error("unknown mode `" + name + "`; known are incremental and sample");
}

Tally simulate_policy(const Array<uint32_t>& objects, const Array<uint32_t>& sizes, const Array<int64_t>& object_ids,
                      const py::object& code, int64_t capacity, bool uniform, uint64_t measure_from, const std::string& mode,
                      uint32_t n_sample, uint64_t seed, const std::string& entry, double max_seconds, uint64_t memory_budget) {
    const std::span<const int64_t> ids = view(object_ids, "object_ids");
    const TraceView trace = make_trace(objects, sizes, static_cast<uint32_t>(ids.size()), uniform);
    const uint64_t bytes = checked_capacity(capacity);
    if (n_sample == 0) throw py::value_error("n_sample must be at least 1");
    const Policy policy = make_policy(code, entry);
    const PolicyOptions options{ranking_named(mode), n_sample, seed, max_seconds, memory_budget};
    const py::gil_scoped_release release;
    return run_policy(policy, trace, ids, bytes, measure_from, options);
}

}  // namespace

PYBIND11_MODULE(_sim, m) {
    m.doc() = "Cache simulator: baselines, and caches that a compiled heuristic governs.";
    // Other extensions may translate every std::exception to their taste, for the whole process; ours stay what they are.
    py::register_local_exception_translator([](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const py::builtin_exception& builtin) {
            builtin.set_error();
        } catch (const std::invalid_argument& argument) {
            PyErr_SetString(PyExc_ValueError, argument.what());
        }
    });
    py::register_local_exception<SchemaError>(m, "SchemaError", PyExc_ValueError);
    py::register_local_exception<TimeLimit>(m, "TimeLimit", PyExc_TimeoutError);

    py::class_<Tally>(m, "Tally", py::module_local(), "What was counted from `measure_from` on.")
        .def_readonly("requests", &Tally::requests)
        .def_readonly("misses", &Tally::misses)
        .def_readonly("bytes", &Tally::bytes)
        .def_readonly("missed_bytes", &Tally::missed_bytes)
        .def("__repr__", [](const Tally& tally) {
            return "Tally(requests=" + std::to_string(tally.requests) + ", misses=" + std::to_string(tally.misses) +
                   ", bytes=" + std::to_string(tally.bytes) + ", missed_bytes=" + std::to_string(tally.missed_bytes) + ")";
        });

    m.attr("BASELINES") = [] {
        py::tuple names(std::size(baseline_names));
        for (size_t i = 0; i < std::size(baseline_names); ++i) names[i] = py::str(std::string(baseline_names[i]));
        return names;
    }();

    m.def("simulate", &simulate, py::arg("objects"), py::arg("sizes"), py::arg("n_objects"), py::arg("algorithm"),
          py::arg("capacity"), py::kw_only(), py::arg("uniform") = false, py::arg("measure_from") = 0,
          "Runs a baseline over a trace; requests before `measure_from` only warm the cache.");
    m.def("simulate_policy", &simulate_policy, py::arg("objects"), py::arg("sizes"), py::arg("object_ids"), py::arg("code"),
          py::arg("capacity"), py::kw_only(), py::arg("uniform") = false, py::arg("measure_from") = 0,
          py::arg("mode") = "incremental", py::arg("n_sample") = 32, py::arg("seed") = 1, py::arg("entry") = "score_fn",
          py::arg("max_seconds") = 0.0, py::arg("memory_budget") = uint64_t{2} << 30,
          "Runs a cache in which the compiled rank heuristic `entry` of `code` decides; the lowest score is evicted.");
}

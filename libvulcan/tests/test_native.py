"""What has to be compiled to be tested."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import vulcan

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
LIBRARY = [str(SOURCE / f"{name}.cpp") for name in ("abi", "population", "query", "schema", "store")]

HEURISTIC = """
#include <vulcan/anvil.hpp>
constexpr vulcan::object_signal<int64_t> last_access{"last_access"};
constexpr vulcan::object_signal<double> gap{"gap"};
constexpr vulcan::global_signal<int64_t> clock_{"now"};
[[anvil::pure, anvil::post(result >= 0)]] static double weight(double x) { return anvil::abs(x) + anvil::hypot(x, 1); }

void configure(vulcan::config& config) {
    config.add_listeners(last_access, {vulcan::EWMA({0.95, 0.35}), vulcan::Latest()});
    config.add_listeners(gap, {vulcan::listeners::object::RollingWindow(4), vulcan::PopPercentile()});
    config.add_listeners(clock_, {vulcan::Latest(), vulcan::Average()});
}

double score_fn(const vulcan::store& fs, int64_t obj_id) {
    int64_t age = fs.get_latest(clock_) - fs.get_latest(last_access, obj_id);
    double mixed = min(1, 2.5) + max(age, 2) + clamp(age, 0, 10) + sign(-2.0) + pow(2, 3) + std::min(1.0, 2.0);
    double more = log2(8) + anvil::max(0.5, 1) + anvil::min(age, int64_t{3}) + anvil::log1p(0.0) + abs(-2) + isnan(1.0);
    double window = fs.get_avg(gap, obj_id) + fs.get_n(gap, obj_id) + fs.get_kth(gap, obj_id, 1) + fs.get_avg(clock_);
    double rank = fs.get_pop_percentile(gap, obj_id) + fs.get_pop_percentile(gap, 0.9) + weight(0.0);
    return fs.get_ewma(last_access, obj_id, 0.95) + mixed + more + window + rank;
}

double again(const vulcan::feature_store& fs, int64_t obj_id) { return score_fn(fs, obj_id); }
"""

POLICY_BLOCK = """
#include <algorithm>
#include <cstdio>
#include <vector>
#include <vulcan/anvil.hpp>
constexpr vulcan::object_signal<int64_t> last_access{"last_access"};
constexpr vulcan::global_signal<double> load{"load"};

void policy(vulcan::config& store_cfg, vulcan::rank_config& rank_config, vulcan::value_config& value_config) {
    constexpr double WEIGHT = 2.0;
    store_cfg.add_listeners(last_access, {vulcan::listeners::object::EWMA({0.5}), vulcan::PopPercentile()});
    store_cfg.add_listeners(load, vulcan::listeners::global::Average());
    rank_config.set_comparator(vulcan::max);
    rank_config.set_sorting_function(vulcan::rank::SampleSort);
    rank_config.set_scoring_fn([=](const vulcan::feature_store& fs, int64_t obj_id) -> double {
        return WEIGHT * fs.get_ewma(last_access, obj_id, 0.5);
    });
    value_config.set_value_fn([=](const vulcan::feature_store& fs) { return WEIGHT + fs.get_avg(load); });
}

int main() {
    vulcan::Schema schema;
    vulcan::policy_config config(schema);
    const bool unset = !config.scoring_fn() && !config.value_fn() && config.comparator() == vulcan::min;
    policy(config, config, config);
    vulcan::Store runtime(schema);
    const vulcan::SignalId signal = schema.signal("last_access");
    for (int64_t id = 0; id < 3; ++id) runtime.update_id(signal, id, 10 - id % 2);
    runtime.update_global(schema.signal("load"), 0.5);
    const vulcan::store fs(runtime);
    std::vector<vulcan::Ranked> order;
    for (int64_t id = 2; id >= 0; --id) order.push_back({vulcan::score_key(config.scoring_fn()(fs, id)), id, 0});
    std::sort(order.begin(), order.end(), config.comparator());
    std::printf("%d %d %zu ", unset, config.sorting_function(), config.schema().slots().size());
    std::printf("%g ", config.value_fn()(fs));
    for (const vulcan::Ranked& ranked : order) std::printf("%d", static_cast<int>(ranked.id));
    std::sort(order.begin(), order.end(), vulcan::min);
    for (const vulcan::Ranked& ranked : order) std::printf("%d", static_cast<int>(ranked.id));
}
"""

MAIN = """
#include <cstdio>
int main() {
    vulcan::Schema schema;
    vulcan::config config(schema);
    configure(config);
    vulcan::Store runtime(schema);
    runtime.update_global(schema.signal("now"), int64_t{10});
    for (int64_t id = 0; id < 4; ++id) {
        runtime.update_id(schema.signal("last_access"), id, id);
        runtime.update_id(schema.signal("gap"), id, 0.5 * static_cast<double>(id));
    }
    vulcan::store fs(runtime);
    std::printf("%.17g %.17g", score_fn(fs, 2), again(fs, 77));
}
"""


def compile_cpp(source: Path, output: Path, *flags: str) -> None:
    always = ["-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{vulcan.include_dir()}"]
    command = ["g++", *always, *flags, str(source), "-o", str(output)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def run(program: Path) -> str:
    result = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_structures_under_sanitizers(tmp_path: Path) -> None:
    program = tmp_path / "native_test"
    sanitizers = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    compile_cpp(HERE / "native_test.cpp", program, *sanitizers, str(SOURCE / "population.cpp"))
    run(program)


def test_stock_cpp_compiles_and_runs_a_heuristic(tmp_path: Path) -> None:
    source, program = tmp_path / "heuristic.cpp", tmp_path / "heuristic"
    source.write_text(HEURISTIC + MAIN)
    compile_cpp(source, program, "-ffp-contract=off", *LIBRARY)
    # 2 + (1 + 8 + 8 - 1 + 8 + 1) + (3 + 1 + 3 + 0 + 2 + 0) + (1 + 1 + 0 + 10) + (0.5 + 1.5 + 1)
    # absent: 0 + (1 + 10 + 10 - 1 + 8 + 1) + (3 + 1 + 3 + 0 + 2 + 0) + (0 + 0 + 0 + 10) + (0 + 1.5 + 1)
    assert run(program) == "51 50.5"


def test_the_configurations_of_a_policy_block_keep_what_was_set(tmp_path: Path) -> None:
    source, program = tmp_path / "policy.cpp", tmp_path / "policy"
    source.write_text(POLICY_BLOCK)
    compile_cpp(source, program, *LIBRARY)
    assert run(program) == "1 1 3 2.5 021102"


def test_queries_are_plain_c11(tmp_path: Path) -> None:
    header = vulcan.include_dir() / "vulcan" / "queries.h"
    source = tmp_path / "pasted.c"
    use = "double f(const vk_context* cx) { return vk_latest_get_f64(cx, 0, cx->globals); }"
    source.write_text(f"{header.read_text()}\n{use}\n")
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-function"]
    subprocess.run(["gcc", *flags, "-c", str(source), "-o", str(tmp_path / "pasted.o")], check=True)


RESOURCES = [vulcan.interface_path(), vulcan.include_dir() / "vulcan" / "anvil.hpp", vulcan.queries_ir_path()]


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_data_files_are_found(path: Path) -> None:
    assert path.is_file()

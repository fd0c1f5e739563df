// Population and IdMap against the standard containers. Compiled with sanitizers by test_native.py.
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <random>
#include <set>
#include <unordered_map>

#include <vulcan/id_map.hpp>
#include <vulcan/order.hpp>
#include <vulcan/population.hpp>

namespace {

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "failed: %s\n", what);
    std::exit(1);
}

void compare(const vulcan::Population& population, const std::multiset<uint64_t>& model) {
    require(population.check(), "invariants");
    require(population.size() == model.size(), "size");
    uint64_t index = 0;
    for (auto at = model.begin(); at != model.end(); ++at, ++index) {
        require(population.at(index) == *at, "at");
        if (at == model.begin() || *at != *std::prev(at)) require(population.rank(*at) == index, "rank");
    }
}

// Grows to `size`, shrinks to nothing; keys from [0, spread), or growing when spread is 0.
void churn(uint64_t seed, size_t size, uint64_t spread) {
    std::mt19937_64 random(seed);
    vulcan::Population population;
    std::multiset<uint64_t> model;
    uint64_t clock = 0;
    for (size_t step = 0; step < 4 * size; ++step) {
        const bool growing = step < 2 * size;
        if (model.empty() || random() % 8 < (growing ? 6u : 2u)) {
            const uint64_t key = spread == 0 ? ++clock : random() % spread;
            population.insert(key);
            model.insert(key);
        } else {
            auto victim = model.lower_bound(spread == 0 ? *model.begin() + random() % 100 : random() % spread);
            if (victim == model.end()) --victim;
            require(population.erase(*victim), "erase");
            model.erase(victim);
        }
        if (step % (size / 3) == 0) compare(population, model);
    }
    require(!population.erase(UINT64_MAX), "erase of nothing");
    while (!model.empty()) {
        require(population.erase(*model.begin()), "drain");
        model.erase(model.begin());
    }
    compare(population, model);
}

void churn_ids(uint64_t seed, int64_t scale) {
    std::mt19937_64 random(seed);
    vulcan::IdMap map;
    std::unordered_map<int64_t, vulcan::Row> model;
    for (vulcan::Row step = 1; step < 40000; ++step) {
        const int64_t id = static_cast<int64_t>(random() % 3000) * scale;
        const auto known = model.find(id);
        require(map.find(id) == (known == model.end() ? 0 : known->second), "find");
        if (known == model.end()) {
            map.insert(id, step);
            model[id] = step;
        } else {
            require(map.erase(id) == known->second, "erase id");
            model.erase(known);
        }
        require(map.erase(-1) == 0, "erase of an absent id");
    }
    require(map.size() == model.size(), "map size");
    for (const auto& [id, row] : model) require(map.find(id) == row, "find all");
}

void order() {
    const double ascending[] = {-1.0 / 0.0, -1e308, -1.0, -5e-324, 0.0, 5e-324, 1.0, 1e308, 1.0 / 0.0};
    for (size_t i = 0; i + 1 < std::size(ascending); ++i) {
        require(vulcan::key_of(ascending[i]) < vulcan::key_of(ascending[i + 1]), "order of doubles");
        require(vulcan::value_of<double>(vulcan::key_of(ascending[i])) == ascending[i], "round trip");
    }
    require(vulcan::key_of(-0.0) == vulcan::key_of(0.0), "zeros");
    require(vulcan::score_key(0.0 / 0.0) < vulcan::key_of(ascending[0]), "NaN is lowest");
    require(vulcan::value_of<int64_t>(vulcan::key_of(INT64_MIN)) == INT64_MIN, "smallest integer");
}

}  // namespace

int main() {
    order();
    for (uint64_t seed = 0; seed < 3; ++seed) {
        for (const uint64_t spread : {uint64_t{0}, uint64_t{20}, uint64_t{5000}, UINT64_MAX}) churn(seed, 6000, spread);
        churn_ids(seed, 1);
        churn_ids(seed, 4096);
    }
}

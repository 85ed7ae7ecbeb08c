// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Maps groups one after the other: chooses tilings, gives outputs their layout and event, counts bytes. What a graph is
// made of, and where tensors lie, is for those who use it.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "mapping/choice_cache.h"
#include "mapping/plan.h"

namespace systolica {

class GroupPlanner {
public:
    GroupPlanner(std::string network, const ChipConfig& chip, const MappingOptions& options);
    // Tilings are chosen for another chip than the one that runs them.
    GroupPlanner(std::string network, const ChipConfig& chip, const MappingOptions& options,
                 const ChipConfig& chosen_for);
    virtual ~GroupPlanner() = default;

protected:
    Plan& plan() { return plan_; }
    const Plan& plan() const { return plan_; }
    PlannedTensor& tensor(int index) { return plan_.tensors[static_cast<std::size_t>(index)]; }
    int add_tensor(PlannedTensor tensor);

    // Tiles the group and appends it, or group by group of channels where it does not fit whole.
    void map_group(Group group);
    void append(Group group, const Choice& choice);

    void open_event(PlannedTensor& planned);
    std::uint32_t open_events(std::uint32_t count); // returns the first
    std::uint64_t take_memory(std::uint64_t bytes); // returns where it begins
    Plan finish();                                  // throws InputError for what could not be mapped

    // A better tiling for a group that could be mapped like this.
    virtual Choice improved(Group& group, const Choice& choice);
    virtual std::vector<Share> shares_of(const Group& group) const;
    // Makes room for weights and constants that are not there yet.
    virtual void give_parameters(Group& group);
    // The output (or a result) of a group has its layout, but for the base.
    virtual void placed(PlannedTensor& planned) = 0;
    // `view` is another tensor's memory seen otherwise.
    virtual void viewed(int /*view*/, int /*of*/) {}

    ChoiceCache choices_;

    void complete_forms(Group& group); // widths, from the tensors
    void report_shortfall(const Group& group, const Choice& choice);

private:
    void fold_input(Group& group);
    void map_group_by_group(const Group& whole);
    void place_output(const Group& group);
    void place_results(Group& group);
    void start_after_previous(Group& group);
    void open_sums(Group& group);
    void check_memory();

    const std::string network_;
    Plan plan_;
    Problems problems_;
    std::uint32_t events_ = 0;
};

} // namespace systolica

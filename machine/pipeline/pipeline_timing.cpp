// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/pipeline/pipeline_timing.h"

#include <algorithm>
#include <deque>

namespace systolica {

namespace {

struct Arrival {
    std::uint64_t microbatch = 0;
    std::uint64_t at = 0;
};

// What has been sent to a stage and not been used yet. All stages keep one order within each direction, so inputs are
// used as they come.
struct Inbox {
    std::deque<Arrival> forward, backward;
};

class Pipeline {
public:
    Pipeline(const PipelineShape& shape, const PipelineTimes& times)
        : shape_(shape), times_(times), inboxes_(shape.stages), cursors_(shape.stages) {
        run_.stages.resize(shape.stages);
        for (std::uint64_t stage = 0; stage < shape.stages; ++stage) {
            cursors_[stage].order = pipeline_order(shape, stage);
        }
    }

    // A stage goes on until it lacks an input; then its neighbours are looked at, which may have sent it.
    PipelineRun run() {
        std::deque<std::uint64_t> ready(1, 0);
        for (std::uint64_t stage = 1; stage < shape_.stages; ++stage) {
            ready.push_back(stage);
        }
        while (!ready.empty()) {
            const std::uint64_t stage = ready.front();
            ready.pop_front();
            bool forward = false, backward = false;
            while (step(stage, forward, backward)) {
            }
            if (forward && stage + 1 < shape_.stages) {
                ready.push_back(stage + 1);
            }
            if (backward && stage > 0) {
                ready.push_back(stage - 1);
            }
        }
        for (const PipelineStageUse& use : run_.stages) {
            run_.makespan = std::max(run_.makespan, use.end);
        }
        return std::move(run_);
    }

private:
    struct Cursor {
        std::vector<PipelineStep> order;
        std::size_t next = 0;
        std::uint64_t free_at = 0;
        std::uint64_t stashed = 0;
    };

    // The next step of a stage if its input has been sent; notes which way it sent something.
    bool step(std::uint64_t stage, bool& sent_forward, bool& sent_backward) {
        Cursor& cursor = cursors_[stage];
        if (cursor.next == cursor.order.size()) {
            return false;
        }
        const PipelineStep& work = cursor.order[cursor.next];
        std::uint64_t input_at = 0;
        if (!take_input(stage, work, input_at)) {
            return false;
        }
        const std::uint64_t start = std::max(cursor.free_at, input_at);
        const std::uint64_t time = work.backward ? times_.backward : times_.forward;
        PipelineStageUse& use = run_.stages[stage];
        use.starts.push_back(start);
        use.busy += time;
        use.end = cursor.free_at = start + time;
        if (work.backward) {
            --cursor.stashed;
        } else {
            use.peak_stashed = std::max(use.peak_stashed, ++cursor.stashed);
        }
        ++cursor.next;
        send(stage, work, use.end + times_.link_delay);
        (work.backward ? sent_backward : sent_forward) = true;
        return true;
    }

    bool take_input(std::uint64_t stage, const PipelineStep& work, std::uint64_t& at) {
        const std::uint64_t from_outside = work.backward ? shape_.stages - 1 : 0;
        if (stage == from_outside) {
            return true; // the data, or the loss of the forward step that this stage ran before
        }
        std::deque<Arrival>& inbox = work.backward ? inboxes_[stage].backward : inboxes_[stage].forward;
        if (inbox.empty() || inbox.front().microbatch != work.microbatch) {
            return false;
        }
        at = inbox.front().at;
        inbox.pop_front();
        return true;
    }

    void send(std::uint64_t stage, const PipelineStep& work, std::uint64_t at) {
        if (work.backward && stage > 0) {
            inboxes_[stage - 1].backward.push_back({work.microbatch, at});
        } else if (!work.backward && stage + 1 < shape_.stages) {
            inboxes_[stage + 1].forward.push_back({work.microbatch, at});
        }
    }

    const PipelineShape shape_;
    const PipelineTimes times_;
    std::vector<Inbox> inboxes_;
    std::vector<Cursor> cursors_;
    PipelineRun run_;
};

} // namespace

std::uint64_t PipelineRun::peak_stashed() const {
    std::uint64_t most = 0;
    for (const PipelineStageUse& use : stages) {
        most = std::max(most, use.peak_stashed);
    }
    return most;
}

double PipelineRun::bubble_fraction() const {
    if (makespan == 0) {
        return 0;
    }
    double busy = 0;
    for (const PipelineStageUse& use : stages) {
        busy += static_cast<double>(use.busy);
    }
    return 1 - busy / (static_cast<double>(makespan) * static_cast<double>(stages.size()));
}

PipelineRun run_pipeline(const PipelineShape& shape, const PipelineTimes& times) {
    return Pipeline(shape, times).run();
}

} // namespace systolica

// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dma/dma_queue.h"

namespace systolica {

void DmaQueue::note_arrivals(std::uint64_t now) {
    for (; prepared_ < inbox.size(); ++prepared_) {
        Inbox::Entry& entry = inbox[prepared_];
        entry.job.bursts = BurstSplitter(entry.command.dma, config_.max_burst_bytes, interleave_bytes_);
        entry.job.all_cut = entry.job.bursts.done();
        entry.job.done_cycle = now;
    }
    skip_cut();
}

void DmaQueue::skip_cut() {
    while (cutting_ < prepared_ && inbox[cutting_].job.all_cut) {
        ++cutting_;
    }
}

DmaRequest DmaQueue::next_request() {
    Inbox::Entry& entry = inbox[cutting_];
    const DmaArguments& dma = entry.command.dma;
    DmaJob& job = entry.job;
    DmaRequest request;
    request.memory = job.bursts.next();
    request.pad = dma.pad;
    request.pad_address = dma.pad_address + job.pad_bytes_cut;
    request.operation = entry.command.operation;
    request.sharers = dma.sharers;
    request.follows = dma.follows;
    request.slot = inbox.slot(cutting_);
    job.memory_bytes_cut += request.memory.bytes;
    if (const std::uint64_t bytes = dma.bytes(); dma.pad_bytes == bytes) {
        request.pad_bytes = request.memory.bytes;
    } else { // the share of this burst; the shares add up to pad_bytes
        request.pad_bytes =
            static_cast<std::uint32_t>(job.memory_bytes_cut * dma.pad_bytes / bytes - job.pad_bytes_cut);
    }
    job.pad_bytes_cut += request.pad_bytes;
    ++job.unfinished;
    job.all_cut = job.bursts.done();
    skip_cut();
    return request;
}

void DmaQueue::answer_at(std::uint64_t cycle) {
    answer_cycles_.push_back(cycle);
    std::push_heap(answer_cycles_.begin(), answer_cycles_.end(), std::greater<>());
}

void DmaQueue::take_answers(std::uint64_t now) {
    while (!answer_cycles_.empty() && answer_cycles_.front() <= now) {
        std::pop_heap(answer_cycles_.begin(), answer_cycles_.end(), std::greater<>());
        answer_cycles_.pop_back();
        answered();
    }
}

} // namespace systolica

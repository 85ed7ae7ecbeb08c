// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Payload extension: several initiators make the same access, each with a payload of its own. A network that knows it
// passes reads on once, when all have asked, and delivers the answer to all of them (multicast); writes of the same
// bytes it adds on the way, into one (reduction). Ignorable: where nobody knows it, each is served alone.
#pragma once

#include <tlm>

namespace systolica {

struct SharedAccess : tlm::tlm_extension<SharedAccess> {
    unsigned sharers = 0; // initiators, this one among them

    tlm::tlm_extension_base* clone() const override { return new SharedAccess(*this); } // the clone's payload owns it
    void copy_from(const tlm::tlm_extension_base& other) override {
        sharers = static_cast<const SharedAccess&>(other).sharers;
    }

    // Of any payload: 1 without the extension.
    static unsigned sharers_of(const tlm::tlm_generic_payload& payload) {
        const SharedAccess* shared = payload.get_extension<SharedAccess>();
        return shared == nullptr || shared->sharers == 0 ? 1 : shared->sharers;
    }
};

} // namespace systolica

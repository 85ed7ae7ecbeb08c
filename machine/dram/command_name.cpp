// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/command_name.h"

namespace systolica {

const char* command_mnemonic(DramCommand command) {
    switch (command) {
    case DramCommand::activate:
        return "ACT";
    case DramCommand::read:
        return "RD";
    case DramCommand::write:
        return "WR";
    case DramCommand::masked_write:
        return "MWR";
    case DramCommand::read_precharge:
        return "RDA";
    case DramCommand::write_precharge:
        return "WRA";
    case DramCommand::masked_write_precharge:
        return "MWRA";
    case DramCommand::precharge:
        return "PRE";
    case DramCommand::precharge_all:
        return "PREA";
    case DramCommand::refresh_all:
        return "REFab";
    case DramCommand::refresh_bank:
        return "REFpb";
    case DramCommand::power_down_entry:
        return "PDE";
    case DramCommand::power_down_exit:
        return "PDX";
    case DramCommand::self_refresh_entry:
        return "SRE";
    case DramCommand::self_refresh_exit:
        return "SRX";
    case DramCommand::wck_sync:
        break;
    }
    return "CAS";
}

} // namespace systolica

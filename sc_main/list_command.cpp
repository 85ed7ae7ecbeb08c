// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/data_files.h"
#include "platforms/key_table.h"
#include "platforms/schema.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/results.h"
#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace systolica {

namespace {

void print_params() {
    TextTable table;
    for (const char* title : {"key", "unit", "range", "default", "meaning"}) {
        table.column(title, TextTable::Align::left);
    }
    for (const ParamRow& row : param_rows()) {
        table.row({row.key, row.unit, row.range, row.standard, row.description});
    }
    table.print(std::cout);
}

} // namespace

int list_command(const Arguments& arguments) {
    CommandLine line("list", "platforms|workloads|params", 1, 1,
                     "Lists bundled platforms or workloads, or every key of a platform file with its unit, range,\n"
                     "default and meaning.");
    line.flag("schema", "params: as a JSON Schema that editors use to complete and check platform files");
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::string& what = line.positionals()[0];
    if (line.has("schema") && what != "params") {
        line.refuse("--schema: expected with params, got '" + what + "'");
    }
    if (what == "params") {
        if (line.has("schema")) {
            std::cout << json_text(platform_schema());
        } else {
            print_params();
        }
        return kDone;
    }
    if (what != "platforms" && what != "workloads") {
        line.refuse("expected platforms, workloads or params, got '" + what + "'" +
                    suggestion(what, {"platforms", "workloads", "params"}));
    }
    for (const std::string& name : bundled_names(what)) {
        std::cout << name << "\n";
    }
    return kDone;
}

} // namespace systolica

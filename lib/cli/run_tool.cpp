#include "cli/run_tool.hpp"

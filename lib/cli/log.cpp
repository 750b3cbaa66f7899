#include "cli/log.hpp"

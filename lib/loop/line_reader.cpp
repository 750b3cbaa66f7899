#include "loop/line_reader.hpp"

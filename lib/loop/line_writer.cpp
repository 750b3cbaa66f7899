#include "loop/line_writer.hpp"

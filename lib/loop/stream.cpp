#include "loop/stream.hpp"

#include "dhan/assembler.hpp"

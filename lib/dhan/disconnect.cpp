#include "dhan/disconnect.hpp"

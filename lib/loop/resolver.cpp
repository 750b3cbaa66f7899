#include "loop/resolver.hpp"

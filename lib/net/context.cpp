#include "net/context.hpp"

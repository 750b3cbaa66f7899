#include "dhan/frame.hpp"

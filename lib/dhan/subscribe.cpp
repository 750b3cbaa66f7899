#include "dhan/subscribe.hpp"

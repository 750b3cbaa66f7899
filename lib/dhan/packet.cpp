#include "dhan/packet.hpp"

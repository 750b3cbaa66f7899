#include "dhan/endpoint.hpp"

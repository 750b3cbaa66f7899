#include "redis/subscriber.hpp"

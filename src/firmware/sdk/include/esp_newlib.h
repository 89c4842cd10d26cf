/* newlib's ties to ESP-IDF. They are made when the firmware starts; nothing is left to call. */
#pragma once

#include <sys/lock.h>

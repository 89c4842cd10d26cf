/* What test programs of ESP-IDF ask of a chip's event-task matrix, from what soc/soc_caps.h says of it. */
#pragma once

#include "soc/soc_caps.h"

#define SOC_ETM_ATTR(attribute) SOC_ETM_ATTR_##attribute

#if SOC_ETM_SUPPORTED
#define SOC_ETM_ATTR_INST_NUM SOC_ETM_GROUPS
#define SOC_ETM_ATTR_CHANS_PER_INST SOC_ETM_CHANNELS_PER_GROUP
#endif

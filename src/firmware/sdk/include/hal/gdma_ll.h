/* What test programs of ESP-IDF ask of a chip's GDMA, from what soc/soc_caps.h says of it. */
#pragma once

#include "soc/soc_caps.h"

#define GDMA_LL_GET(attribute) GDMA_LL_##attribute

#if SOC_AHB_GDMA_SUPPORT_PSRAM
#define GDMA_LL_AHB_PSRAM_CAPABLE 1
#endif
#if SOC_AXI_GDMA_SUPPORT_PSRAM
#define GDMA_LL_AXI_PSRAM_CAPABLE 1
#endif
#if SOC_LP_AHB_GDMA_SUPPORTED
#define GDMA_LL_LP_AHB_PSRAM_CAPABLE 1
#endif
/* Version 1 demands aligned addresses and lengths where it receives in bursts. */
#if SOC_AHB_GDMA_VERSION == 1
#define GDMA_LL_AHB_RX_BURST_NEEDS_ALIGNMENT 1
#endif

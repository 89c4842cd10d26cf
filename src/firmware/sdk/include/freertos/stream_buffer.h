/* FreeRTOS stream buffers: bytes from one writer to one reader. */
#pragma once

#include "freertos/FreeRTOS.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct StreamBufferDef_t *StreamBufferHandle_t;

StreamBufferHandle_t xStreamBufferGenericCreate(size_t bytes, size_t trigger, BaseType_t is_message);
StreamBufferHandle_t xStreamBufferGenericCreateStatic(size_t bytes, size_t trigger, BaseType_t is_message, uint8_t *storage,
                                                      StaticStreamBuffer_t *block);
void vStreamBufferDelete(StreamBufferHandle_t buffer);
size_t xStreamBufferSend(StreamBufferHandle_t buffer, const void *data, size_t bytes, TickType_t ticks);
size_t xStreamBufferSendFromISR(StreamBufferHandle_t buffer, const void *data, size_t bytes, BaseType_t *woken);
size_t xStreamBufferReceive(StreamBufferHandle_t buffer, void *data, size_t bytes, TickType_t ticks);
size_t xStreamBufferReceiveFromISR(StreamBufferHandle_t buffer, void *data, size_t bytes, BaseType_t *woken);
BaseType_t xStreamBufferIsFull(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferIsEmpty(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferReset(StreamBufferHandle_t buffer);
size_t xStreamBufferSpacesAvailable(StreamBufferHandle_t buffer);
size_t xStreamBufferBytesAvailable(StreamBufferHandle_t buffer);
BaseType_t xStreamBufferSetTriggerLevel(StreamBufferHandle_t buffer, size_t trigger);
size_t xStreamBufferNextMessageLengthBytes(StreamBufferHandle_t buffer);

#define xStreamBufferCreate(bytes, trigger) xStreamBufferGenericCreate(bytes, trigger, pdFALSE)
#define xStreamBufferCreateStatic(bytes, trigger, storage, block) \
    xStreamBufferGenericCreateStatic(bytes, trigger, pdFALSE, storage, block)

#ifdef __cplusplus
}
#endif

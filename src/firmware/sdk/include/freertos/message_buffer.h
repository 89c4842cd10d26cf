/* FreeRTOS message buffers: stream buffers that keep messages apart. A message takes four bytes more than its length. */
#pragma once

#include "freertos/stream_buffer.h"

typedef StreamBufferHandle_t MessageBufferHandle_t;

#define xMessageBufferCreate(bytes) xStreamBufferGenericCreate(bytes, 0, pdTRUE)
#define xMessageBufferCreateStatic(bytes, storage, block) xStreamBufferGenericCreateStatic(bytes, 0, pdTRUE, storage, block)
#define vMessageBufferDelete(buffer) vStreamBufferDelete(buffer)
#define xMessageBufferSend(buffer, data, bytes, ticks) xStreamBufferSend(buffer, data, bytes, ticks)
#define xMessageBufferSendFromISR(buffer, data, bytes, woken) xStreamBufferSendFromISR(buffer, data, bytes, woken)
#define xMessageBufferReceive(buffer, data, bytes, ticks) xStreamBufferReceive(buffer, data, bytes, ticks)
#define xMessageBufferReceiveFromISR(buffer, data, bytes, woken) xStreamBufferReceiveFromISR(buffer, data, bytes, woken)
#define xMessageBufferIsFull(buffer) xStreamBufferIsFull(buffer)
#define xMessageBufferIsEmpty(buffer) xStreamBufferIsEmpty(buffer)
#define xMessageBufferReset(buffer) xStreamBufferReset(buffer)
#define xMessageBufferSpaceAvailable(buffer) xStreamBufferSpacesAvailable(buffer)
#define xMessageBufferSpacesAvailable(buffer) xStreamBufferSpacesAvailable(buffer)
#define xMessageBufferNextLengthBytes(buffer) xStreamBufferNextMessageLengthBytes(buffer)

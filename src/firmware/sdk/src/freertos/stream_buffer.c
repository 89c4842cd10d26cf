/* Stream and message buffers. A message is its length in four bytes, and its bytes. */
#include "rtos.h"

#include <string.h>

#include "freertos/idf_additions.h"
#include "freertos/message_buffer.h"

#define LENGTH_BYTES sizeof(uint32_t)

struct StreamBufferDef_t {
    uint8_t *bytes;
    uint32_t size;
    uint32_t count; /* bytes in it */
    uint32_t head;  /* index of the next byte to read */
    uint32_t trigger;
    rtos_list reader;
    rtos_list writer;
    bool is_message;
    bool owns_memory;
};

typedef struct StreamBufferDef_t rtos_stream;

_Static_assert(sizeof(StaticStreamBuffer_t) >= sizeof(rtos_stream), "StaticStreamBuffer_t holds a stream buffer");

static rtos_stream *init_stream(rtos_stream *s, size_t xBufferSizeBytes, size_t xTriggerLevelBytes, BaseType_t is_message, uint8_t *bytes,
                    bool owns_memory)
{
    RTOS_ASSERT(xTriggerLevelBytes <= xBufferSizeBytes, "xStreamBufferGenericCreate");
    *s = (rtos_stream){
        .bytes = bytes, .size = xBufferSizeBytes, .trigger = xTriggerLevelBytes == 0 ? 1 : xTriggerLevelBytes,
        .is_message = is_message != pdFALSE, .owns_memory = owns_memory,
    };
    return s;
}

StreamBufferHandle_t xStreamBufferGenericCreateWithCaps(size_t xBufferSizeBytes, size_t trigger, BaseType_t is_message,
                                                        UBaseType_t caps)
{
    RTOS_ASSERT(xBufferSizeBytes > (is_message ? LENGTH_BYTES : 0), "xStreamBufferGenericCreate");
    rtos_stream *s = xBufferSizeBytes > UINT32_MAX / 2 ? NULL : rtos_alloc(sizeof(rtos_stream) + xBufferSizeBytes, caps);
    return s == NULL ? NULL : init_stream(s, xBufferSizeBytes, trigger, is_message, (uint8_t *)(s + 1), true);
}

StreamBufferHandle_t xStreamBufferGenericCreate(size_t bytes, size_t trigger, BaseType_t is_message)
{
    return xStreamBufferGenericCreateWithCaps(bytes, trigger, is_message, RTOS_MEMORY);
}

StreamBufferHandle_t xStreamBufferGenericCreateStatic(size_t bytes, size_t trigger, BaseType_t is_message,
                                                      uint8_t *pucStreamBufferStorageArea,
                                                      StaticStreamBuffer_t *pxStaticStreamBuffer)
{
    RTOS_ASSERT(pucStreamBufferStorageArea, __func__);
    RTOS_ASSERT(pxStaticStreamBuffer, __func__);
    return init_stream((rtos_stream *)pxStaticStreamBuffer, bytes, trigger, is_message, pucStreamBufferStorageArea, false);
}

void vStreamBufferDelete(StreamBufferHandle_t pxStreamBuffer)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    if (pxStreamBuffer->owns_memory) {
        port_heap_free(pxStreamBuffer);
    }
}

void vStreamBufferDeleteWithCaps(StreamBufferHandle_t buffer)
{
    vStreamBufferDelete(buffer);
}

/* ---- bytes, all with the lock held --------------------------------------------------------------------------------- */

static void write_bytes(rtos_stream *s, const void *data, uint32_t bytes)
{
    uint32_t tail = (s->head + s->count) % s->size;
    uint32_t before_end = s->size - tail < bytes ? s->size - tail : bytes;
    memcpy(s->bytes + tail, data, before_end);
    memcpy(s->bytes, (const uint8_t *)data + before_end, bytes - before_end);
    s->count += bytes;
}

static void copy_bytes(const rtos_stream *s, void *data, uint32_t bytes)
{
    uint32_t before_end = s->size - s->head < bytes ? s->size - s->head : bytes;
    memcpy(data, s->bytes + s->head, before_end);
    memcpy((uint8_t *)data + before_end, s->bytes, bytes - before_end);
}

static void drop_bytes(rtos_stream *s, uint32_t bytes)
{
    s->head = (s->head + bytes) % s->size;
    s->count -= bytes;
}

/* As much as fits; a message fits or does not. */
static uint32_t put_bytes(rtos_stream *s, const void *data, uint32_t bytes)
{
    uint32_t space = s->size - s->count;
    if (!s->is_message) {
        uint32_t fits = bytes < space ? bytes : space;
        write_bytes(s, data, fits);
        return fits;
    }
    if (space < LENGTH_BYTES || space - LENGTH_BYTES < bytes) {
        return 0;
    }
    write_bytes(s, &bytes, LENGTH_BYTES);
    write_bytes(s, data, bytes);
    return bytes;
}

static uint32_t next_message_bytes(const rtos_stream *s)
{
    uint32_t bytes = 0;
    if (s->count > 0) {
        copy_bytes(s, &bytes, LENGTH_BYTES);
    }
    return bytes;
}

/* A message that is longer than the caller has room for stays. */
static uint32_t get_bytes(rtos_stream *s, void *data, uint32_t bytes)
{
    uint32_t there = s->is_message ? next_message_bytes(s) : s->count;
    if (s->is_message) {
        if (s->count == 0 || there > bytes) {
            return 0;
        }
        drop_bytes(s, LENGTH_BYTES);
    }
    uint32_t got = there < bytes ? there : bytes;
    copy_bytes(s, data, got);
    drop_bytes(s, got);
    return got;
}

static rtos_task *release_reader(rtos_stream *s)
{
    return s->count >= s->trigger ? rtos_release_first(&s->reader) : NULL;
}

/* ---- sending and receiving ----------------------------------------------------------------------------------------- */

size_t xStreamBufferSend(StreamBufferHandle_t pxStreamBuffer, const void *pvTxData, size_t bytes, TickType_t ticks)
{
    RTOS_ASSERT(pvTxData, __func__);
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_stream *s = pxStreamBuffer;
    rtos_task *self = ticks == 0 ? NULL : rtos_caller(__func__);
    /* What never fits is not waited for; of a stream of bytes as much as can ever fit is. */
    uint32_t needed = s->is_message ? bytes + LENGTH_BYTES : bytes < s->size ? bytes : s->size;
    bool over = ticks == 0 || needed > s->size;
    rtos_lock();
    if (!over && s->size - s->count < needed) {
        int64_t deadline_us = rtos_deadline(ticks);
        while (!over && s->size - s->count < needed) {
            over = !rtos_block(self, &s->writer, deadline_us, PORT_FOR_STREAM, s);
        }
    }
    uint32_t sent = put_bytes(s, pvTxData, bytes);
    if (sent > 0) {
        release_reader(s);
    }
    rtos_unlock();
    return sent;
}

size_t xStreamBufferSendFromISR(StreamBufferHandle_t pxStreamBuffer, const void *pvTxData, size_t bytes, BaseType_t *woken)
{
    RTOS_ASSERT(pvTxData, __func__);
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_lock();
    uint32_t sent = put_bytes(pxStreamBuffer, pvTxData, bytes);
    if (sent > 0) {
        rtos_tell_woken(release_reader(pxStreamBuffer), woken);
    }
    rtos_unlock();
    return sent;
}

size_t xStreamBufferReceive(StreamBufferHandle_t pxStreamBuffer, void *pvRxData, size_t bytes, TickType_t ticks)
{
    RTOS_ASSERT(pvRxData, __func__);
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_stream *s = pxStreamBuffer;
    rtos_task *self = ticks == 0 ? NULL : rtos_caller(__func__);
    rtos_lock();
    /* It waits when there is nothing, until there is as much as the trigger level or the time is over. */
    if (s->count == 0 && ticks != 0) {
        int64_t deadline_us = rtos_deadline(ticks);
        bool over = false;
        while (!over && s->count < s->trigger) {
            over = !rtos_block(self, &s->reader, deadline_us, PORT_FOR_STREAM, s);
        }
    }
    uint32_t got = get_bytes(s, pvRxData, bytes);
    if (got > 0) {
        rtos_release_first(&s->writer);
    }
    rtos_unlock();
    return got;
}

size_t xStreamBufferReceiveFromISR(StreamBufferHandle_t pxStreamBuffer, void *pvRxData, size_t bytes, BaseType_t *woken)
{
    RTOS_ASSERT(pvRxData, __func__);
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_lock();
    uint32_t got = get_bytes(pxStreamBuffer, pvRxData, bytes);
    if (got > 0) {
        rtos_tell_woken(rtos_release_first(&pxStreamBuffer->writer), woken);
    }
    rtos_unlock();
    return got;
}

/* ---- what is in it ------------------------------------------------------------------------------------------------- */

size_t xStreamBufferBytesAvailable(StreamBufferHandle_t pxStreamBuffer)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_lock();
    size_t count = pxStreamBuffer->count;
    rtos_unlock();
    return count;
}

size_t xStreamBufferSpacesAvailable(StreamBufferHandle_t pxStreamBuffer)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    return pxStreamBuffer->size - xStreamBufferBytesAvailable(pxStreamBuffer);
}

BaseType_t xStreamBufferIsEmpty(StreamBufferHandle_t buffer)
{
    return xStreamBufferBytesAvailable(buffer) == 0 ? pdTRUE : pdFALSE;
}

BaseType_t xStreamBufferIsFull(StreamBufferHandle_t buffer)
{
    size_t overhead = buffer != NULL && buffer->is_message ? LENGTH_BYTES : 0;
    return xStreamBufferSpacesAvailable(buffer) <= overhead ? pdTRUE : pdFALSE;
}

BaseType_t xStreamBufferReset(StreamBufferHandle_t pxStreamBuffer)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_lock();
    bool is_free = pxStreamBuffer->reader.first == NULL && pxStreamBuffer->writer.first == NULL;
    if (is_free) {
        pxStreamBuffer->count = 0;
        pxStreamBuffer->head = 0;
    }
    rtos_unlock();
    return is_free ? pdPASS : pdFAIL;
}

BaseType_t xStreamBufferSetTriggerLevel(StreamBufferHandle_t pxStreamBuffer, size_t trigger)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    if (trigger > pxStreamBuffer->size) {
        return pdFALSE;
    }
    rtos_lock();
    pxStreamBuffer->trigger = trigger == 0 ? 1 : trigger;
    rtos_unlock();
    return pdTRUE;
}

size_t xStreamBufferNextMessageLengthBytes(StreamBufferHandle_t pxStreamBuffer)
{
    RTOS_ASSERT(pxStreamBuffer, __func__);
    rtos_lock();
    size_t bytes = pxStreamBuffer->is_message ? next_message_bytes(pxStreamBuffer) : 0;
    rtos_unlock();
    return bytes;
}

/* Queues, semaphores, mutexes, event groups, stream and message buffers. */
#include <string.h>

#include "freertos/FreeRTOS.h"
#include "freertos/event_groups.h"
#include "freertos/message_buffer.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "unity.h"

#define STACK 3072
#define LONG pdMS_TO_TICKS(20000)

TEST_CASE("a queue keeps its order at both ends", "[queues]")
{
    QueueHandle_t q = xQueueCreate(3, sizeof(int));
    int item = 0;
    TEST_ASSERT_EQUAL(errQUEUE_EMPTY, xQueueReceive(q, &item, 0));
    for (int i = 1; i <= 2; i++) {
        TEST_ASSERT_EQUAL(pdPASS, xQueueSendToBack(q, &i, 0));
    }
    item = 9;
    TEST_ASSERT_EQUAL(pdPASS, xQueueSendToFront(q, &item, 0));
    TEST_ASSERT_EQUAL(errQUEUE_FULL, xQueueSend(q, &item, 1));
    TEST_ASSERT_EQUAL(3, uxQueueMessagesWaiting(q));
    TEST_ASSERT_EQUAL(3, uxQueueMessagesWaitingFromISR(q));
    TEST_ASSERT_EQUAL(0, uxQueueSpacesAvailable(q));
    TEST_ASSERT_EQUAL(pdTRUE, xQueueIsQueueFullFromISR(q));
    TEST_ASSERT_EQUAL(3, uxQueueGetQueueLength(q));
    TEST_ASSERT_EQUAL(sizeof(int), uxQueueGetQueueItemSize(q));
    item = 0;
    TEST_ASSERT_EQUAL(pdPASS, xQueuePeek(q, &item, 0));
    TEST_ASSERT_EQUAL(9, item);
    TEST_ASSERT_EQUAL(pdPASS, xQueuePeekFromISR(q, &item));
    const int order[] = {9, 1, 2};
    for (int i = 0; i < 3; i++) {
        TEST_ASSERT_EQUAL(pdPASS, xQueueReceive(q, &item, 0));
        TEST_ASSERT_EQUAL(order[i], item);
    }
    TEST_ASSERT_EQUAL(pdTRUE, xQueueIsQueueEmptyFromISR(q));
    TEST_ASSERT_EQUAL(errQUEUE_EMPTY, xQueuePeek(q, &item, 1));
    BaseType_t woken = pdFALSE;
    item = 4;
    TEST_ASSERT_EQUAL(pdPASS, xQueueSendFromISR(q, &item, &woken));
    item = 3;
    TEST_ASSERT_EQUAL(pdPASS, xQueueSendToFrontFromISR(q, &item, &woken));
    item = 5;
    TEST_ASSERT_EQUAL(pdPASS, xQueueSendToBackFromISR(q, &item, &woken));
    TEST_ASSERT_EQUAL(errQUEUE_FULL, xQueueSendFromISR(q, &item, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, woken);
    TEST_ASSERT_EQUAL(pdPASS, xQueueReceiveFromISR(q, &item, &woken));
    TEST_ASSERT_EQUAL(3, item);
    TEST_ASSERT_EQUAL(pdPASS, xQueueReset(q));
    TEST_ASSERT_EQUAL(0, uxQueueMessagesWaiting(q));
    vQueueAddToRegistry(q, "mine");
    TEST_ASSERT_EQUAL_STRING("mine", pcQueueGetName(q));
    vQueueUnregisterQueue(q);
    TEST_ASSERT_NULL(pcQueueGetName(q));
    vQueueDelete(q);
    TEST_ASSERT_NULL(xQueueCreate(1 << 20, 1 << 20));
}

TEST_CASE("mailboxes are overwritten", "[queues]")
{
    static StaticQueue_t block;
    static uint8_t storage[sizeof(int)];
    QueueHandle_t q = xQueueCreateStatic(1, sizeof(int), storage, &block);
    for (int i = 0; i < 3; i++) {
        TEST_ASSERT_EQUAL(pdPASS, xQueueOverwrite(q, &i));
    }
    int item = 7;
    TEST_ASSERT_EQUAL(pdPASS, xQueueOverwriteFromISR(q, &item, NULL));
    item = 0;
    TEST_ASSERT_EQUAL(pdPASS, xQueueReceive(q, &item, 0));
    TEST_ASSERT_EQUAL(7, item);
    TEST_ASSERT_EQUAL(0, uxQueueMessagesWaiting(q));
    vQueueDelete(q);
    q = xQueueCreateWithCaps(2, 8, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(2, uxQueueSpacesAvailable(q));
    vQueueDeleteWithCaps(q);
}

/* ---- many tasks ---------------------------------------------------------------------------------------------------- */

#define ITEMS 400
#define PAIRS 3
static QueueHandle_t busy;
static SemaphoreHandle_t all_ended, mutex;
static uint32_t sum, received;

static void produces(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i <= ITEMS; i++) {
        xQueueSend(busy, &i, portMAX_DELAY);
    }
    xSemaphoreGive(all_ended);
    vTaskDelete(NULL);
}

static void consumes(void *arg)
{
    (void)arg;
    for (int i = 0; i < ITEMS; i++) {
        uint32_t item = 0;
        xQueueReceive(busy, &item, portMAX_DELAY);
        xSemaphoreTake(mutex, portMAX_DELAY);
        uint32_t before = received;
        sum += item;
        received = before + 1;
        xSemaphoreGive(mutex);
    }
    xSemaphoreGive(all_ended);
    vTaskDelete(NULL);
}

TEST_CASE("no message is lost among many tasks, and a mutex excludes them", "[queues]")
{
    busy = xQueueCreate(2, sizeof(uint32_t));
    mutex = xSemaphoreCreateMutex();
    all_ended = xSemaphoreCreateCounting(2 * PAIRS, 0);
    for (int i = 0; i < PAIRS; i++) {
        xTaskCreate(produces, "produces", STACK, NULL, 1 + i, NULL);
        xTaskCreate(consumes, "consumes", STACK, NULL, 1 + i, NULL);
    }
    for (int i = 0; i < 2 * PAIRS; i++) {
        TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    }
    TEST_ASSERT_EQUAL(PAIRS * ITEMS, received);
    TEST_ASSERT_EQUAL(PAIRS * ITEMS * (ITEMS + 1) / 2, sum);
    TEST_ASSERT_EQUAL(0, uxQueueMessagesWaiting(busy));
    vQueueDelete(busy);
    vSemaphoreDelete(mutex);
    vSemaphoreDelete(all_ended);
}

/* ---- semaphores ---------------------------------------------------------------------------------------------------- */

static void takes(void *arg)
{
    xSemaphoreTake((SemaphoreHandle_t)arg, portMAX_DELAY);
    xSemaphoreGive(all_ended);
    vTaskDelete(NULL);
}

static void until_blocked(TaskHandle_t task)
{
    for (int i = 0; i < 2000 && eTaskGetState(task) != eBlocked; i++) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL(eBlocked, eTaskGetState(task));
}

TEST_CASE("semaphores count, and tell interrupts whom they wake", "[queues]")
{
    static StaticSemaphore_t block[4];
    SemaphoreHandle_t binary = xSemaphoreCreateBinary();
    all_ended = xSemaphoreCreateBinaryStatic(&block[0]);
    BaseType_t woken = pdFALSE;
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreTake(binary, 1));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreGiveFromISR(binary, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, woken);
    TEST_ASSERT_EQUAL(errQUEUE_FULL, xSemaphoreGiveFromISR(binary, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreGive(binary));
    TEST_ASSERT_EQUAL(1, uxSemaphoreGetCount(binary));
    TEST_ASSERT_EQUAL(1, uxSemaphoreGetCountFromISR(binary));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTakeFromISR(binary, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreTakeFromISR(binary, &woken));
    TaskHandle_t task;
    xTaskCreate(takes, "takes", STACK, binary, 5, &task);
    until_blocked(task);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreGiveFromISR(binary, &woken));
    TEST_ASSERT_EQUAL(pdTRUE, woken);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    vSemaphoreDelete(binary);
    vSemaphoreCreateBinary(binary);
    TEST_ASSERT_EQUAL(1, uxSemaphoreGetCount(binary));
    vSemaphoreDelete(binary);
    SemaphoreHandle_t counting = xSemaphoreCreateCountingStatic(2, 1, &block[1]);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreGive(counting));
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreGive(counting));
    TEST_ASSERT_EQUAL(2, uxSemaphoreGetCount(counting));
    SemaphoreHandle_t with_caps[] = {
        xSemaphoreCreateBinaryWithCaps(MALLOC_CAP_INTERNAL), xSemaphoreCreateCountingWithCaps(3, 2, MALLOC_CAP_INTERNAL),
        xSemaphoreCreateMutexWithCaps(MALLOC_CAP_INTERNAL), xSemaphoreCreateRecursiveMutexWithCaps(MALLOC_CAP_INTERNAL),
    };
    const int counts[] = {0, 2, 1, 1};
    for (int i = 0; i < 4; i++) {
        TEST_ASSERT_EQUAL(counts[i], uxSemaphoreGetCount(with_caps[i]));
        vSemaphoreDeleteWithCaps(with_caps[i]);
    }
}

static volatile int phase;

static void holds_low(void *arg)
{
    xSemaphoreTake((SemaphoreHandle_t)arg, portMAX_DELAY);
    phase = 1;
    while (phase == 1) {
        vTaskDelay(1);
    }
    phase = (int)uxTaskPriorityGet(NULL);
    xSemaphoreGive((SemaphoreHandle_t)arg);
    phase = phase * 10 + (int)uxTaskPriorityGet(NULL);
    xSemaphoreGive(all_ended);
    vTaskDelete(NULL);
}

TEST_CASE("a mutex lends its holder the priority of who waits", "[queues]")
{
    static StaticSemaphore_t blocks[2];
    all_ended = xSemaphoreCreateCounting(4, 0);
    SemaphoreHandle_t held = xSemaphoreCreateMutexStatic(&blocks[0]);
    TEST_ASSERT_NULL(xSemaphoreGetMutexHolder(held));
    TaskHandle_t low, high;
    phase = 0;
    xTaskCreate(holds_low, "low", STACK, held, 2, &low);
    while (phase != 1) {
        vTaskDelay(1);
    }
    TEST_ASSERT_EQUAL_PTR(low, xSemaphoreGetMutexHolder(held));
    TEST_ASSERT_EQUAL_PTR(low, xSemaphoreGetMutexHolderFromISR(held));
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreTake(held, 1));
    TEST_ASSERT_EQUAL(2, uxTaskPriorityGet(low));
    xTaskCreate(takes, "high", STACK, held, 7, &high);
    until_blocked(high);
    TEST_ASSERT_EQUAL(7, uxTaskPriorityGet(low));
    TEST_ASSERT_EQUAL(2, uxTaskBasePriorityGet(low));
    phase = 2;
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(72, phase);
    SemaphoreHandle_t recursive = xSemaphoreCreateRecursiveMutexStatic(&blocks[1]);
    TEST_ASSERT_EQUAL(pdFALSE, xSemaphoreGiveRecursive(recursive));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTakeRecursive(recursive, 0));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTakeRecursive(recursive, 0));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreGiveRecursive(recursive));
    TEST_ASSERT_EQUAL_PTR(xTaskGetCurrentTaskHandle(), xSemaphoreGetMutexHolder(recursive));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreGiveRecursive(recursive));
    TEST_ASSERT_NULL(xSemaphoreGetMutexHolder(recursive));
    SemaphoreHandle_t made = xSemaphoreCreateRecursiveMutex();
    TEST_ASSERT_EQUAL(1, uxSemaphoreGetCount(made));
    vSemaphoreDelete(made);
    vSemaphoreDelete(all_ended);
}

TEST_CASE("a queue set tells which of its members has something", "[queues]")
{
    QueueSetHandle_t set = xQueueCreateSet(4);
    QueueHandle_t q = xQueueCreate(2, 1);
    SemaphoreHandle_t s = xSemaphoreCreateBinary();
    TEST_ASSERT_EQUAL(pdPASS, xQueueAddToSet(q, set));
    TEST_ASSERT_EQUAL(pdPASS, xQueueAddToSet(s, set));
    TEST_ASSERT_EQUAL(pdFAIL, xQueueAddToSet(s, set));
    TEST_ASSERT_NULL(xQueueSelectFromSet(set, 1));
    char c = 'x';
    xSemaphoreGive(s);
    xQueueSend(q, &c, 0);
    TEST_ASSERT_EQUAL_PTR(s, xQueueSelectFromSet(set, LONG));
    TEST_ASSERT_EQUAL_PTR(q, xQueueSelectFromSetFromISR(set));
    TEST_ASSERT_EQUAL(pdFAIL, xQueueRemoveFromSet(q, set));
    xQueueReceive(q, &c, 0);
    TEST_ASSERT_EQUAL(pdPASS, xQueueRemoveFromSet(q, set));
    vQueueDelete(q);
    vSemaphoreDelete(s);
    vQueueDelete(set);
}

/* ---- event groups -------------------------------------------------------------------------------------------------- */

static EventGroupHandle_t group;

static void syncs(void *arg)
{
    EventBits_t bit = (EventBits_t)(uintptr_t)arg;
    EventBits_t bits = xEventGroupSync(group, bit, 0x7, portMAX_DELAY);
    phase += (bits & 0x7) == 0x7;
    xSemaphoreGive(all_ended);
    vTaskDelete(NULL);
}

static void waits_all(void *arg)
{
    phase = (int)xEventGroupWaitBits(group, 0x30, pdTRUE, pdTRUE, portMAX_DELAY);
    xSemaphoreGive(all_ended);
    (void)arg;
    vTaskDelete(NULL);
}

TEST_CASE("event groups wait for some bits or all", "[queues]")
{
    static StaticEventGroup_t block;
    group = xEventGroupCreateStatic(&block);
    all_ended = xSemaphoreCreateCounting(4, 0);
    TEST_ASSERT_EQUAL(0x3, xEventGroupSetBits(group, 0x3));
    TEST_ASSERT_EQUAL(0x3, xEventGroupGetBits(group));
    TEST_ASSERT_EQUAL(0x3, xEventGroupWaitBits(group, 0x1, pdFALSE, pdTRUE, 0));
    TEST_ASSERT_EQUAL(0x3, xEventGroupWaitBits(group, 0x6, pdFALSE, pdTRUE, 1));
    TEST_ASSERT_EQUAL(0x3, xEventGroupWaitBits(group, 0x6, pdTRUE, pdFALSE, LONG));
    TEST_ASSERT_EQUAL(0x1, xEventGroupGetBitsFromISR(group));
    TEST_ASSERT_EQUAL(0x1, xEventGroupClearBits(group, 0x1));
    TaskHandle_t task;
    xTaskCreate(waits_all, "waits", STACK, NULL, 5, &task);
    until_blocked(task);
    BaseType_t woken = pdFALSE;
    TEST_ASSERT_EQUAL(pdPASS, xEventGroupSetBitsFromISR(group, 0x10, &woken));
    TEST_ASSERT_EQUAL(pdFALSE, woken);
    TEST_ASSERT_EQUAL(pdPASS, xEventGroupSetBitsFromISR(group, 0x20, &woken));
    TEST_ASSERT_EQUAL(pdTRUE, woken);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(0x30, phase);
    TEST_ASSERT_EQUAL(0, xEventGroupGetBits(group));
    xEventGroupSetBits(group, 0x40);
    TEST_ASSERT_EQUAL(pdPASS, xEventGroupClearBitsFromISR(group, 0x40));
    TEST_ASSERT_EQUAL(0, xEventGroupGetBits(group));
    phase = 0;
    xTaskCreate(syncs, "sync 1", STACK, (void *)1, 2, NULL);
    xTaskCreate(syncs, "sync 2", STACK, (void *)2, 2, NULL);
    TEST_ASSERT_EQUAL(0x7, xEventGroupSync(group, 0x4, 0x7, LONG) & 0x7);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(2, phase);
    TEST_ASSERT_EQUAL(0, xEventGroupGetBits(group));
    vEventGroupDelete(group);
    /* Who waits for a group that is deleted goes on with nothing. */
    group = xEventGroupCreate();
    phase = -1;
    xTaskCreate(waits_all, "waits", STACK, NULL, 5, &task);
    until_blocked(task);
    vEventGroupDelete(group);
    TEST_ASSERT_EQUAL(pdTRUE, xSemaphoreTake(all_ended, LONG));
    TEST_ASSERT_EQUAL(0, phase);
    group = xEventGroupCreateWithCaps(MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(0, xEventGroupGetBits(group));
    vEventGroupDeleteWithCaps(group);
    vSemaphoreDelete(all_ended);
}

/* ---- stream and message buffers ------------------------------------------------------------------------------------ */

static StreamBufferHandle_t stream;

static void streams(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        uint8_t bytes[7];
        memset(bytes, i, sizeof bytes);
        xStreamBufferSend(stream, bytes, sizeof bytes, portMAX_DELAY);
    }
    vTaskDelete(NULL);
}

TEST_CASE("stream buffers keep bytes, message buffers messages", "[queues]")
{
    stream = xStreamBufferCreate(16, 1);
    char got[32];
    TEST_ASSERT_EQUAL(0, xStreamBufferReceive(stream, got, 4, 1));
    xTaskCreate(streams, "streams", STACK, NULL, 3, NULL);
    uint32_t total = 0, sum_of_bytes = 0;
    while (total < 700) {
        uint8_t bytes[5];
        size_t n = xStreamBufferReceive(stream, bytes, sizeof bytes, LONG);
        TEST_ASSERT_GREATER_THAN(0, n);
        total += n;
        for (size_t i = 0; i < n; i++) {
            sum_of_bytes += bytes[i];
        }
    }
    TEST_ASSERT_EQUAL(7 * 99 * 100 / 2, sum_of_bytes);
    TEST_ASSERT_EQUAL(pdTRUE, xStreamBufferIsEmpty(stream));
    BaseType_t woken = pdFALSE;
    TEST_ASSERT_EQUAL(16, xStreamBufferSendFromISR(stream, "0123456789abcdefgh", 18, &woken));
    TEST_ASSERT_EQUAL(pdTRUE, xStreamBufferIsFull(stream));
    TEST_ASSERT_EQUAL(16, xStreamBufferBytesAvailable(stream));
    TEST_ASSERT_EQUAL(0, xStreamBufferSpacesAvailable(stream));
    TEST_ASSERT_EQUAL(0, xStreamBufferSend(stream, "x", 1, 1));
    TEST_ASSERT_EQUAL(10, xStreamBufferReceiveFromISR(stream, got, 10, &woken));
    TEST_ASSERT_EQUAL_MEMORY("0123456789", got, 10);
    TEST_ASSERT_EQUAL(pdTRUE, xStreamBufferSetTriggerLevel(stream, 16));
    TEST_ASSERT_EQUAL(pdFALSE, xStreamBufferSetTriggerLevel(stream, 17));
    TEST_ASSERT_EQUAL(pdPASS, xStreamBufferReset(stream));
    TEST_ASSERT_EQUAL(pdTRUE, xStreamBufferIsEmpty(stream));
    vStreamBufferDelete(stream);
    static StaticMessageBuffer_t block;
    static uint8_t storage[24];
    MessageBufferHandle_t messages = xMessageBufferCreateStatic(sizeof storage, storage, &block);
    TEST_ASSERT_EQUAL(5, xMessageBufferSend(messages, "hello", 5, 0));
    TEST_ASSERT_EQUAL(7, xMessageBufferSendFromISR(messages, "goodbye", 7, NULL));
    TEST_ASSERT_EQUAL(0, xMessageBufferSend(messages, "toolong", 7, 1));
    TEST_ASSERT_EQUAL(5, xMessageBufferNextLengthBytes(messages));
    TEST_ASSERT_EQUAL(4, xMessageBufferSpacesAvailable(messages));
    TEST_ASSERT_EQUAL(pdTRUE, xMessageBufferIsFull(messages));
    TEST_ASSERT_EQUAL(0, xMessageBufferReceive(messages, got, 4, 0));
    TEST_ASSERT_EQUAL(5, xMessageBufferReceive(messages, got, sizeof got, 0));
    TEST_ASSERT_EQUAL_MEMORY("hello", got, 5);
    TEST_ASSERT_EQUAL(7, xMessageBufferReceiveFromISR(messages, got, sizeof got, NULL));
    TEST_ASSERT_EQUAL_MEMORY("goodbye", got, 7);
    TEST_ASSERT_EQUAL(pdTRUE, xMessageBufferIsEmpty(messages));
    vMessageBufferDelete(messages);
    MessageBufferHandle_t made = xMessageBufferCreate(32);
    TEST_ASSERT_EQUAL(pdPASS, xMessageBufferReset(made));
    vMessageBufferDelete(made);
    made = xMessageBufferCreateWithCaps(32, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(32, xMessageBufferSpaceAvailable(made));
    vMessageBufferDeleteWithCaps(made);
    static StaticStreamBuffer_t stream_block;
    static uint8_t stream_storage[8];
    StreamBufferHandle_t of_caller = xStreamBufferCreateStatic(8, 1, stream_storage, &stream_block);
    TEST_ASSERT_EQUAL(8, xStreamBufferSpacesAvailable(of_caller));
    StreamBufferHandle_t with_caps = xStreamBufferCreateWithCaps(8, 1, MALLOC_CAP_INTERNAL);
    TEST_ASSERT_EQUAL(8, xStreamBufferSpacesAvailable(with_caps));
    vStreamBufferDeleteWithCaps(with_caps);
}

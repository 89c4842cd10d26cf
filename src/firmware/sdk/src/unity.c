/* Unity, in one piece: each start of the compiler takes longer than all of it. */
#include "unity/unity.c"
#include "unity/unity_assert.c"
#include "unity/unity_runner.c"
#include "unity/unity_utils.c"

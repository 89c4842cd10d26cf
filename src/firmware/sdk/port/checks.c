/* What the checks call that are put into the linked module. They are exported, so that they are there to be called. */
#include <stdint.h>

__attribute__((import_module("port"), import_name("fault"), noreturn)) void
port_fault(uint32_t address, uint32_t bytes, uint32_t is_write);

__attribute__((import_module("port"), import_name("stack_overflow"), noreturn)) void port_stack_overflow(void);

__attribute__((import_module("port"), import_name("touched"))) void
port_host_touched(uint32_t address, uint32_t bytes, uint32_t is_write);

void port_touched(uint32_t address, uint32_t bytes, uint32_t is_write)
{
    port_host_touched(address, bytes, is_write);
}
__attribute__((import_module("port"), import_name("worked"))) void port_tell_worked(void);

void port_check_failed(uint32_t address, uint32_t bytes, uint32_t is_write)
{
    port_fault(address, bytes, is_write);
}

void port_stack_failed(void)
{
    port_stack_overflow();
}

void port_worked(void)
{
    port_tell_worked();
}

/* Where the C library has its errno. */
extern int library_errno __asm__("errno");

int *__errno(void)
{
    return &library_errno;
}

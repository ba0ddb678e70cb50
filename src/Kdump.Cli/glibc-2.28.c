/* pow and log got a second version in glibc 2.29, without the old error handler. The older one computes the same, and is all that
   keeps kdt from starting where crash does (RHEL 8: glibc 2.28). Linked by tests/portable only. */
double old_pow(double, double);
double old_log(double);
__asm__(".symver old_pow,pow@GLIBC_2.2.5");
__asm__(".symver old_log,log@GLIBC_2.2.5");
double __wrap_pow(double x, double y) { return old_pow(x, y); }
double __wrap_log(double x) { return old_log(x); }

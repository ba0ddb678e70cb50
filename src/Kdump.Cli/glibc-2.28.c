/* These got a second version in glibc 2.29, without the old error handler. The older one computes the same, and is all that keeps kdt
   from starting where crash does (RHEL 8: glibc 2.28). Linked by tests/portable only, which wraps every function that is defined here. */
#define ONE(f) \
  double old_##f(double); \
  __asm__(".symver old_" #f "," #f "@GLIBC_2.2.5"); \
  double __wrap_##f(double x) { return old_##f(x); }
ONE(exp)
ONE(exp2)
ONE(log)
ONE(log2)
double old_pow(double, double);
__asm__(".symver old_pow,pow@GLIBC_2.2.5");
double __wrap_pow(double x, double y) { return old_pow(x, y); }

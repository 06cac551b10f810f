#ifndef ROLLCALL_BENCH_SPEED_PAGE_TEMPLATE_H_
#define ROLLCALL_BENCH_SPEED_PAGE_TEMPLATE_H_

namespace rollcall::bench {

// page.html, with one "@CONTENT@" in it.
const char* PageTemplate();

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PAGE_TEMPLATE_H_

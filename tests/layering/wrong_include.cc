// Compiled with the include roots of rollcall_gallery, and must not compile (CMakeLists.txt).
#include "gallery/gallery.h"
#include "storage/database.h"

// LeakSanitizer asks for this where it runs. Cairo 1.16 itself loses 768 bytes for each PDF with a CFF
// font (ten lines of Cairo and Pango show it), and fontconfig keeps its configuration to the end.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libcairo.so\nleak:libfontconfig.so\n";
}

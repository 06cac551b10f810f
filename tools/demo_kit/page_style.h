#ifndef ROLLCALL_DEMO_KIT_PAGE_STYLE_H_
#define ROLLCALL_DEMO_KIT_PAGE_STYLE_H_

namespace rollcall::demo_kit {

// The style sheet of the demo's page: one column, the system's own letters, light and dark.
inline constexpr char kPageStyle[] = R"css(
:root { --ground:#fbfaf8; --paper:#fff; --ink:#24211e; --soft:#6b655e; --line:#e5e1db;
  --good:#3f7d4e; --bad:#b4453c; }
@media (prefers-color-scheme: dark) { :root { --ground:#171615; --paper:#201f1d; --ink:#ece8e2;
  --soft:#a29b92; --line:#35322e; --good:#7cc48d; --bad:#e58a80; } }
* { box-sizing:border-box; }
body { margin:0; background:var(--ground); color:var(--ink);
  font:16px/1.6 system-ui,"Noto Sans","Noto Sans CJK SC","Microsoft YaHei",sans-serif; }
main { max-width:68rem; margin:0 auto; padding:3rem 1.25rem 5rem; }
h1 { font-size:2rem; line-height:1.2; margin:.2rem 0 1rem; font-weight:600; }
h2 { font-size:1.25rem; margin:3rem 0 .75rem; font-weight:600; }
p { max-width:44rem; margin:.5rem 0; }
small, .note, .eyebrow, figcaption span { color:var(--soft); }
.eyebrow { letter-spacing:.08em; text-transform:uppercase; font-size:.8rem; }
.verdict { font-weight:600; }
.good.verdict { color:var(--good); }
.bad.verdict, .problem { color:var(--bad); }
.figures { display:flex; flex-wrap:wrap; gap:1px; margin:1.5rem 0; background:var(--line);
  border:1px solid var(--line); border-radius:10px; overflow:hidden; }
.figures div { flex:1 1 9rem; background:var(--paper); padding:1rem 1.25rem; }
.figures dt { color:var(--soft); font-size:.85rem; }
.figures dd { margin:0; font-size:1.9rem; font-variant-numeric:tabular-nums; }
.cards { display:grid; grid-template-columns:repeat(auto-fill,minmax(15rem,1fr)); gap:1rem;
  margin-top:1rem; }
figure { margin:0; background:var(--paper); border:1px solid var(--line); border-radius:10px;
  overflow:hidden; border-top:3px solid var(--good); }
figure.bad { border-top-color:var(--bad); }
img { display:block; width:100%; height:auto; }
figcaption { padding:.6rem .9rem .8rem; font-size:.92rem; line-height:1.5; }
.scroll { overflow-x:auto; }
table { border-collapse:collapse; width:100%; background:var(--paper); font-size:.95rem; }
th, td { text-align:left; padding:.45rem .9rem; border-bottom:1px solid var(--line); }
th { color:var(--soft); font-weight:500; font-size:.85rem; }
tfoot td { font-weight:600; border-bottom:0; }
.num { text-align:right; font-variant-numeric:tabular-nums; }
summary { cursor:pointer; color:var(--soft); margin-top:2rem; }
pre { overflow-x:auto; background:var(--paper); border:1px solid var(--line); padding:1rem;
  border-radius:10px; font-size:.8rem; line-height:1.5; }
)css";

}  // namespace rollcall::demo_kit

#endif  // ROLLCALL_DEMO_KIT_PAGE_STYLE_H_

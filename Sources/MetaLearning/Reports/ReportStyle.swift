/// How a report looks: light or dark as the reader's system is, and within the width of a telephone.
enum ReportStyle {
  static let sheet: HTML = """

    :root { color-scheme: light dark; --paper: #ffffff; --ink: #22262b; --quiet: #555c66; --line: #d9dde2;
      --shade: #f4f6f8; --mark: #0072b2; }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #15181c; --ink: #e6e8eb; --quiet: #a4acb6; --line: #363c44; --shade: #1e2328; --mark: #56b4e9; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
      font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    main { max-width: 54rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }
    h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; }
    p { margin: 0.5rem 0; }
    summary { cursor: pointer; }
    header p, figcaption, small, .name { color: var(--quiet); }
    .figures { display: flex; flex-wrap: wrap; gap: 0.8rem; margin: 0.6rem 0 0.9rem; }
    .figures div { border: 1px solid var(--line); border-left: 4px solid var(--mark); border-radius: 6px;
      background: var(--shade); padding: 0.6rem 1.1rem; }
    .value { display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    figure { margin: 0 0 1.4rem; }
    img { display: block; max-width: 100%; height: auto; margin: 0 auto; background: #ffffff; border-radius: 6px;
      border: 1px solid var(--line); }
    figcaption { font-size: 0.9rem; margin-top: 0.4rem; text-align: center; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; border-bottom: 1px solid var(--line);
      vertical-align: top; }
    th { font-weight: 500; }
    thead th { color: var(--quiet); }
    .numbers td, .numbers th { padding-right: 1.6rem; white-space: nowrap; }
    small { font-weight: 400; }
    @media (max-width: 30rem) {
      .numbers { font-size: 0.92rem; }
      .numbers td, .numbers th { padding-right: 0.8rem; }
      .numbers small { display: block; }
    }
    .marked td, .marked th { font-weight: 650; }
    .settings { width: 100%; }
    .settings th { width: 40%; color: var(--quiet); }
    .settings td { overflow-wrap: anywhere; }
    pre { background: var(--shade); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 0.9rem;
      white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.9rem; }
    @media print { main { max-width: none; } figure, tr { break-inside: avoid; } }

    """
}

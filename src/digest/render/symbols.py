"""TeX's letters and symbols as Unicode: those that titles and abstracts use."""

from __future__ import annotations

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "t": "\u0361",
}  # fmt: skip

LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip

SYMBOLS = {
    # Greek
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    # relations
    "sim": "∼", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡", "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "lt": "<", "gt": ">", "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳", "propto": "∝",
    "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "prec": "≺",
    "succ": "≻", "preceq": "⪯", "succeq": "⪰", "perp": "⊥", "parallel": "∥", "mid": "∣", "models": "⊨", "vdash": "⊢",
    # operations
    "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "div": "÷", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "•",
    "oplus": "⊕", "otimes": "⊗", "odot": "⊙", "cup": "∪", "cap": "∩", "setminus": "∖", "wedge": "∧", "vee": "∨",
    "land": "∧", "lor": "∨", "neg": "¬", "lnot": "¬", "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "partial": "∂",
    "nabla": "∇", "wr": "≀", "rtimes": "⋊", "ltimes": "⋉", "dagger": "†", "ddagger": "‡",
    # arrows
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔",
    "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "iff": "⇔", "implies": "⇒", "mapsto": "↦",
    "uparrow": "↑", "downarrow": "↓", "hookrightarrow": "↪",
    # other
    "infty": "∞", "forall": "∀", "exists": "∃", "emptyset": "∅", "varnothing": "∅", "ell": "ℓ", "hbar": "ℏ", "Re": "ℜ",
    "Im": "ℑ", "aleph": "ℵ", "prime": "′", "degree": "°", "textdegree": "°", "angle": "∠", "triangle": "△",
    "square": "□", "Box": "□", "ldots": "…", "dots": "…", "cdots": "⋯", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊",
    "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "vert": "∣", "Vert": "‖", "lVert": "‖", "rVert": "‖", "lvert": "∣",
    "rvert": "∣", "backslash": "∖", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "arcsec": "″",
    "arcmin": "′", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "∖", "textmu": "µ",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "texttimes": "×",
    "textregistered": "®", "texttrademark": "™", "checkmark": "✓", "sharp": "♯", "flat": "♭", "colon": ":",
    "TeX": "TeX", "LaTeX": "LaTeX", "quad": " ", "qquad": " ",
}  # fmt: skip

SUPERSCRIPTS = dict(zip("0123456789+-=()ni*′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ*′", strict=True)) | {
    "−": "⁻",
    "∗": "∗",
    "⋆": "⋆",
    "∘": "°",
}
SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvx⊙", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ⊙", strict=True))

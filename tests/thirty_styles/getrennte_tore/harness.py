def harness(m, r):
    schicht = r.new(m.GRUSchicht, 2, 3)
    folge, anfang = [r(2, 2) for _ in range(r.T)], r(3, 2)
    zustaende = schicht.vorwaerts(folge, anfang)
    ableitung, d_folge, d_anfang = schicht.rueckwaerts([r.loss(z) for z in zustaende])
    gewichte = [(getattr(schicht, n), d) for n, d in ableitung.items()]
    return [*gewichte, *zip(folge, d_folge, strict=True), (anfang, d_anfang)]

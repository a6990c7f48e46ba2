N, J, K = 4, 3, 2
NEW_NAME = "the array given is not written to: dW = ... binds a new name, dW += ... writes"


def check(judge):
    x, W, b = judge.rng.standard_normal((N, J)), judge.rng.standard_normal((J, K)), judge.rng.standard_normal(K)
    dy = judge.rng.standard_normal((N, K))
    # What earlier uses of the weight have left there, which must stay in the sum.
    dW, db = judge.rng.standard_normal((J, K)), judge.rng.standard_normal(K)
    old_dW, old_db = dW.copy(), db.copy()
    dx = judge.call("affine_backward", dy, x, W, dW, db, may_change=("dW", "db"))
    judge.same(
        "dx", dx, judge.gradient(lambda z: ((z @ W + b) * dy).sum(), x), equation="(0) backwards: dx = dy W^T",
        axes=("row", "input"), line=("affine_backward", "dx"),
    )  # fmt: skip
    right = judge.gradient(lambda z: ((x @ z + b) * dy).sum(), W)
    judge.same(
        "what is added to dW", dW - old_dW, right, equation="(0) backwards: dW = x^T dy",
        mistakes={NEW_NAME: 0 * W, "overwritten: what was there before is lost, = in place of +=": right - old_dW,
                  "divided by the number of rows": right / N, "only the last row counted": x[-1:].T @ dy[-1:]},
        axes=("input", "output"), line=("affine_backward", "dW"),
    )  # fmt: skip
    right = judge.gradient(lambda z: ((x @ W + z) * dy).sum(), b)
    judge.same(
        "what is added to db", db - old_db, right, equation="(0) backwards: db = the sum over the rows of dy",
        mistakes={NEW_NAME.replace("dW", "db"): 0 * b,
                  "overwritten: what was there before is lost, = in place of +=": right - old_db,
                  "the mean over the rows in place of the sum": right / N, "only the last row counted": dy[-1],
                  "only the first row counted": dy[0], "the sum over everything": dy.sum() + 0 * b},
        axes=("output",), line=("affine_backward", "db"),
    )  # fmt: skip

# Reference values for the pooling of trials, made by R's metafor on the data sets of metadat.
#
#     Rscript tests/oracles/metafor.R FILE.json
#
# writes every input and every value that tests/evidence compares with. metafor stops early by default, so each fit is
# run to convergence (`settled`), with the loosest stop that it needed kept as `threshold`; what a default fit gives is
# kept beside it as `default_tau2`. Numbers have 15 significant digits; a value that metafor does not give is null.

suppressMessages({library(metafor); library(metadat); library(jsonlite)})
options(warn = -1)

METHODS <- c("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")
TESTS <- c("z", "knha", "adhoc")

# One fit, with the tightest stop at which metafor still says that it converged.
settled <- function(...) {
  for (threshold in 10^-(15:8)) {
    control <- list(threshold = threshold, stepadj = 0.5, maxiter = 1e5, tol = 1e-15, tau2.max = 1e5)
    fit <- try(rma(..., control = control), silent = TRUE)
    if (!inherits(fit, "try-error")) return(list(fit = fit, threshold = threshold))
  }
  stop("metafor does not converge")
}

tau2_interval <- function(fit) {
  if (fit$method == "FE" || fit$k == 1) return(NULL)
  found <- try(confint(fit, control = list(tol = 1e-15, maxiter = 1e5, tau2.max = 1e5)), silent = TRUE)
  if (inherits(found, "try-error")) NULL else as.numeric(found$random[1, 2:3])
}

coefficients_of <- function(fit) list(
  estimate = as.numeric(fit$beta), se = fit$se, statistic = fit$zval, p = fit$pval, lower = fit$ci.lb, upper = fit$ci.ub
)

heterogeneity_of <- function(fit) list(
  tau2 = fit$tau2, q = fit$QE, q_p = fit$QEp, i2 = fit$I2 / 100, h2 = fit$H2
)

# The three prediction intervals: metafor's own for the normal and for t with k - 1; its estimate, standard error and
# tau2 with R's quantile for t with k - 2, which this metafor does not offer.
prediction_of <- function(fit) {
  if (fit$method == "FE" || fit$k < 3) return(NULL)
  own <- predict(fit)
  half <- qt(0.975, fit$k - 2) * sqrt(fit$tau2 + fit$se^2)
  list(own = c(own$pi.lb, own$pi.ub), t_k_minus_2 = as.numeric(fit$beta) + c(-half, half))
}

fits_of <- function(yi, vi) {
  fits <- list()
  for (method in METHODS) for (test in TESTS) {
    run <- settled(yi, vi, method = method, test = test)
    loose <- try(rma(yi, vi, method = method, test = test), silent = TRUE)
    fits[[length(fits) + 1]] <- c(
      list(method = method, test = test, threshold = run$threshold),
      coefficients_of(run$fit), heterogeneity_of(run$fit),
      list(
        tau2_interval = if (test == "z") tau2_interval(run$fit) else NULL,
        prediction = prediction_of(run$fit),
        default_tau2 = if (inherits(loose, "try-error")) NULL else loose$tau2
      )
    )
  }
  fits
}

# metafor chooses the side itself; the method is that of the fit.
filled_of <- function(yi, vi, method) {
  run <- settled(yi, vi, method = method)$fit
  filled <- trimfill(run, estimator = "L0", control = list(threshold = 1e-13, stepadj = 0.5, maxiter = 1e5))
  c(list(method = method, k0 = filled$k0, side = filled$side), coefficients_of(filled), heterogeneity_of(filled))
}

egger_of <- function(yi, vi) {
  found <- regtest(rma(yi, vi, method = "FE"), model = "lm", predictor = "sei", ret.fit = TRUE)
  rows <- summary(found$fit)$coefficients
  list(statistic = found$zval, df = found$dfs, p = found$pval, slope = rows[2, 1], slope_se = rows[2, 2],
       limit = rows[1, 1], limit_se = rows[1, 2])
}

tables_of <- function(raw, measure) {
  given <- list(ai = raw$ai, n1i = raw$n1i, ci = raw$ci, n2i = raw$n2i)
  fit <- do.call(rma.mh, c(given, list(measure = measure)))
  c(coefficients_of(fit), list(q = fit$QE, q_df = fit$k.yi - 1, q_p = fit$QEp, i2 = fit$I2 / 100, h2 = fit$H2))
}

peto_of <- function(raw) {
  fit <- do.call(rma.peto, list(ai = raw$ai, n1i = raw$n1i, ci = raw$ci, n2i = raw$n2i))
  c(coefficients_of(fit), list(q = fit$QE, q_df = fit$k.yi - 1, q_p = fit$QEp, i2 = fit$I2 / 100, h2 = fit$H2))
}

# One data set on one measure: its inputs as printed, its effects, and everything that is pooled of them.
set_of <- function(measure, raw, ..., name) {
  effects <- do.call(escalc, c(list(measure = measure), raw, list(...)))
  made <- list(measure = measure, raw = raw, options = list(...), yi = as.numeric(effects$yi), vi = as.numeric(effects$vi))
  kept <- !is.na(effects$yi)
  yi <- as.numeric(effects$yi)[kept]; vi <- as.numeric(effects$vi)[kept]
  made$fits <- fits_of(yi, vi)
  if (length(yi) >= 10) {
    made$egger <- egger_of(yi, vi)
    made$trimfill <- lapply(c("FE", "DL", "REML"), function(method) filled_of(yi, vi, method))
  }
  if (measure %in% c("OR", "RR", "RD")) made$mantel_haenszel <- tables_of(raw, measure)
  if (measure == "OR") made$peto <- peto_of(raw)
  made
}

columns <- function(data, names) {
  taken <- as.list(as.data.frame(data)[names])
  lapply(taken, as.numeric)
}

counts <- function(ai, n1i, ci, n2i) list(ai = as.numeric(ai), n1i = as.numeric(n1i), ci = as.numeric(ci), n2i = as.numeric(n2i))

bcg <- with(dat.bcg, counts(tpos, tpos + tneg, cpos, cpos + cneg))
lines <- columns(dat.nielweise2007, c("ai", "n1i", "ci", "n2i"))
# Deaths and all patients, in the columns that the data set names: magnesium first.
magnesium <- with(dat.li2007, counts(ai, n1i, ci, n2i))
hcq_rows <- dat.axfors2021[dat.axfors2021$hcq_cq == "hcq", ]
hcq <- with(hcq_rows, counts(hcq_arm_event, hcq_arm_total, control_arm_event, control_arm_total))
stroke <- columns(dat.normand1999, c("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"))
adherence <- columns(dat.molloy2014, c("ri", "ni"))
expectancy <- list(yi = dat.raudenbush1985$yi, vi = dat.raudenbush1985$vi)
smoke <- list(yi = as.numeric(dat.hackshaw1998$yi), vi = as.numeric(dat.hackshaw1998$vi))
# The last result of three trials on plantar heel pain, in points of 10: two of groups (Rastegar, Rahbar), one of an
# interval in mm of 100 (Cotchett). Their Q lies far below its degrees of freedom.
heel_groups <- escalc("MD", m1i = c(0.69, 1.7), sd1i = c(0.93, 0.9), n1i = c(33, 36),
                      m2i = c(2.09, 2.9), sd2i = c(1.58, 1.9), n2i = c(33, 36))
heel <- list(yi = c(-14.4 / 10, as.numeric(heel_groups$yi)[2:1]),
             vi = c(((23.5 - 5.2) / 10 / (2 * qnorm(0.975)))^2, as.numeric(heel_groups$vi)[2:1]))

sets <- list(
  bcg_or = set_of("OR", bcg), bcg_rr = set_of("RR", bcg), bcg_rd = set_of("RD", bcg),
  normand_md = set_of("MD", stroke), normand_smd = set_of("SMD", stroke),
  normand_smd_unbiased = set_of("SMD", stroke, vtype = "UB"),
  nielweise_or = set_of("OR", lines, drop00 = TRUE), nielweise_rr = set_of("RR", lines, drop00 = TRUE),
  nielweise_rd = set_of("RD", lines),
  li_or = set_of("OR", magnesium, drop00 = TRUE), li_rr = set_of("RR", magnesium, drop00 = TRUE),
  li_rd = set_of("RD", magnesium),
  axfors_or = set_of("OR", hcq, drop00 = TRUE), axfors_or_kept = set_of("OR", hcq),
  axfors_rr = set_of("RR", hcq, drop00 = TRUE), axfors_rd = set_of("RD", hcq),
  raudenbush = set_of("GEN", expectancy), hackshaw = set_of("GEN", smoke),
  molloy_z = set_of("ZCOR", adherence),
  no_tau2 = set_of("GEN", list(yi = c(0.11, 0.12, 0.1, 0.13, 0.115), vi = c(0.04, 0.09, 0.02, 0.05, 0.03))),
  three_heel = set_of("GEN", heel),
  two_studies = set_of("GEN", list(yi = c(-0.6, 0.2), vi = c(0.05, 0.08)))
)

regressed <- function(name, yi, vi, moderator, number) {
  one <- function(method, test) {
    design <- model.matrix(if (number) ~ moderator else ~ factor(moderator))[, -1, drop = FALSE]
    run <- settled(yi, vi, mods = design, method = method, test = test)
    fit <- run$fit
    c(list(method = method, test = test, threshold = run$threshold), coefficients_of(fit), heterogeneity_of(fit),
      list(tau2_interval = if (test == "z") tau2_interval(fit) else NULL, qm = fit$QM, qm_p = fit$QMp))
  }
  pairs <- expand.grid(method = METHODS, test = TESTS, stringsAsFactors = FALSE)
  list(set = name, moderator = moderator, fits = Map(one, pairs$method, pairs$test, USE.NAMES = FALSE))
}

grouped <- function(name, yi, vi, group, method) {
  parts <- lapply(sort(unique(group)), function(level) {
    fit <- settled(yi[group == level], vi[group == level], method = method)$fit
    c(list(level = level), coefficients_of(fit), heterogeneity_of(fit))
  })
  between <- rma(sapply(parts, function(part) part$estimate), sapply(parts, function(part) part$se)^2, method = "FE")
  list(set = name, group = group, method = method, parts = parts, q_between = between$QE, q_between_p = between$QEp)
}

row_of <- function(fit) c(coefficients_of(fit), heterogeneity_of(fit))
without_each <- function(name, method) {
  yi <- sets[[name]]$yi; vi <- sets[[name]]$vi
  list(set = name, method = method,
       leave_one_out = lapply(seq_along(yi), function(i) row_of(settled(yi[-i], vi[-i], method = method)$fit)),
       cumulative = lapply(2:length(yi), function(i) row_of(settled(yi[1:i], vi[1:i], method = method)$fit)))
}

rr <- sets$bcg_rr
weeks <- dat.raudenbush1985
reference <- list(
  versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  sets = sets,
  regressions = list(
    regressed("bcg_rr", rr$yi, rr$vi, as.numeric(dat.bcg$ablat), TRUE),
    regressed("bcg_rr", rr$yi, rr$vi, as.character(dat.bcg$alloc), FALSE),
    regressed("bcg_rr", rr$yi, rr$vi, as.numeric(dat.bcg$year), TRUE),
    regressed("raudenbush", weeks$yi, weeks$vi, as.numeric(weeks$weeks), TRUE)
  ),
  subgroups = list(
    grouped("bcg_rr", rr$yi, rr$vi, as.character(dat.bcg$alloc), "REML"),
    grouped("bcg_rr", rr$yi, rr$vi, as.character(dat.bcg$alloc), "FE"),
    grouped("raudenbush", weeks$yi, weeks$vi, as.character(weeks$tester), "DL")
  ),
  sensitivity = list(without_each("bcg_or", "REML"), without_each("raudenbush", "DL"))
)

file <- commandArgs(trailingOnly = TRUE)[1]
write(toJSON(reference, digits = I(15), auto_unbox = TRUE, null = "null", na = "null"), file)

"""What a query may be made of. Whatever is not here is refused: no list of bad things could be complete."""

from sqlglot import exp

Kind = type[exp.Expr]

QUERIES: tuple[Kind, ...] = (exp.Select, exp.Union, exp.Intersect, exp.Except)

_CLAUSES: tuple[Kind, ...] = (
    *QUERIES, exp.With, exp.CTE, exp.Subquery, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order,
    exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Qualify, exp.Values, exp.Tuple,
    exp.Rollup, exp.Cube, exp.GroupingSets, exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup,
)  # fmt: skip
_NAMES: tuple[Kind, ...] = (
    exp.Identifier, exp.Column, exp.Table, exp.Alias, exp.TableAlias, exp.Star, exp.Var, exp.Collate,
)  # fmt: skip
_VALUES: tuple[Kind, ...] = (
    exp.Literal, exp.Null, exp.Boolean, exp.Interval, exp.DataType, exp.DataTypeParam, exp.Cast, exp.TryCast,
    exp.Convert,
)  # fmt: skip
_OPERATORS: tuple[Kind, ...] = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Neg, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In,
    exp.Between, exp.Like, exp.ILike, exp.Escape, exp.Glob, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub,
    exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe, exp.Case, exp.If, exp.Exists, exp.Any, exp.All, exp.AtTimeZone,
    exp.Xor, exp.Fetch, exp.LimitOptions,
)  # fmt: skip
_AGGREGATES: tuple[Kind, ...] = (
    exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode, exp.Stddev, exp.StddevPop,
    exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Corr, exp.PercentileCont, exp.PercentileDisc, exp.Quantile,
    exp.ApproxDistinct, exp.GroupConcat, exp.AnyValue, exp.First, exp.Last, exp.ArgMax, exp.ArgMin, exp.LogicalAnd,
    exp.LogicalOr, exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead,
    exp.FirstValue, exp.LastValue, exp.NthValue, exp.ApproxQuantile, exp.ApproxQuantiles, exp.Skewness, exp.Kurtosis,
)  # fmt: skip
_TEXTS: tuple[Kind, ...] = (
    exp.Lower, exp.Upper, exp.Initcap, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Replace,
    exp.StrPosition, exp.Concat, exp.ConcatWs, exp.Contains, exp.StartsWith, exp.EndsWith, exp.SplitPart, exp.Coalesce,
    exp.Nullif, exp.Greatest, exp.Least, exp.Nvl2, exp.EqualNull, exp.DecodeCase, exp.SubstringIndex, exp.Reverse,
    exp.Stuff,
)  # fmt: skip
_NUMBERS: tuple[Kind, ...] = (
    exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Sign, exp.Sqrt, exp.Pow, exp.Ln, exp.Log, exp.Exp, exp.Rand,
    exp.IsNan, exp.WidthBucket, exp.Cbrt, exp.SafeDivide, exp.NumberToStr, exp.ToNumber,
)  # fmt: skip
_TIMES: tuple[Kind, ...] = (
    exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.Date, exp.DateAdd, exp.DateSub, exp.DateDiff,
    exp.DateTrunc, exp.TimestampTrunc, exp.TimestampAdd, exp.TimestampSub, exp.TimestampDiff, exp.DatetimeTrunc,
    exp.DatetimeAdd, exp.DatetimeSub, exp.DatetimeDiff, exp.DateFromParts, exp.Extract, exp.Year, exp.Quarter,
    exp.Month, exp.Week, exp.WeekOfYear, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear,
    exp.Hour, exp.Minute, exp.Second, exp.Monthname, exp.Dayname, exp.LastDay, exp.TimeToStr, exp.TimeStrToTime,
    exp.StrToDate, exp.StrToTime, exp.TimeToUnix, exp.UnixToTime, exp.TsOrDsToDate, exp.TsOrDsToTimestamp,
    exp.TsOrDsAdd, exp.TsOrDsDiff, exp.ToChar, exp.Timestamp, exp.AddMonths, exp.MonthsBetween,
    exp.UtcTimestamp, exp.Localtimestamp, exp.DateBin,
    exp.StrToUnix, exp.UnixToStr, exp.UnixSeconds, exp.ConvertTimezone, exp.YearOfWeek, exp.ParseDatetime,
    exp.FromISO8601Date, exp.TsOrDsToDatetime, exp.JustifyDays,
)  # fmt: skip
_JSON: tuple[Kind, ...] = (
    exp.JSONExtract, exp.JSONExtractScalar, exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript,
)  # fmt: skip

NAMED: tuple[Kind, ...] = (exp.Anonymous, exp.AnonymousAggFunc, exp.CombinedAggFunc)
"""Calls of functions that sqlglot has no class for; their names must be in FUNCTIONS."""

NODES: frozenset[Kind] = frozenset(
    (*_CLAUSES, *_NAMES, *_VALUES, *_OPERATORS, *_AGGREGATES, *_TEXTS, *_NUMBERS, *_TIMES, *_JSON)
)

_NOT_OF_ONE_ROW: tuple[Kind, ...] = (exp.Exists, exp.Any, exp.All, exp.Rand, exp.Fetch, exp.LimitOptions)
_OF_ONE_ROW: tuple[Kind, ...] = (
    exp.Identifier, exp.Column, exp.Var, exp.Tuple, *_VALUES, *_OPERATORS, *_TEXTS, *_NUMBERS, *_TIMES
)  # fmt: skip
CONDITIONS: frozenset[Kind] = frozenset(kind for kind in _OF_ONE_ROW if kind not in _NOT_OF_ONE_ROW)
"""What a condition over one row may be made of."""

FUNCTIONS: dict[str, frozenset[str]] = {
    "sqlite": frozenset(("date", "datetime", "time", "julianday", "strftime", "unixepoch", "total", "instr", "ifnull")),
    "postgres": frozenset(("age", "make_date", "every", "date_part", "to_char")),
    "duckdb": frozenset(("now", "date_part", "epoch", "isodow", "weekday", "yearweek", "favg", "product", "mad")),
    "mysql": frozenset(("now", "period_diff", "yearweek", "makedate", "weekday", "field", "unix_timestamp", "mid",
                        "timediff", "addtime", "from_days", "to_days", "sysdate")),
    "tsql": frozenset(("stdevp", "var", "varp", "patindex", "choose", "sysutcdatetime", "count_big", "square")),
    "snowflake": frozenset(("ratio_to_report", "to_timestamp", "div0null")),
    "bigquery": frozenset(("div",)),
    "databricks": frozenset(("make_date", "every", "some")),
    "trino": frozenset(("format_datetime", "geometric_mean", "every", "day_of_year", "truncate")),
    "redshift": frozenset(("ratio_to_report", "date_part", "every")),
    "clickhouse": frozenset((
        "todate", "todatetime", "tostring", "toint32", "toint64", "tofloat64", "toyear", "toquarter", "tomonth",
        "toyyyymm", "todayofweek", "tohour", "tostartofweek", "today", "yesterday", "now", "adddays", "addweeks",
        "addmonths", "addyears", "subtractdays", "subtractmonths", "subtractyears", "multiif", "rounddown", "intdiv",
        "uniqexact", "sumif", "avgif", "countif", "minif", "maxif", "anylast", "stddevpop", "stddevsamp", "varpop",
        "varsamp", "median", "mediandeterministic",
    )),
}  # fmt: skip
"""Functions that sqlglot has no class for, by dialect, in lower case."""

COLLATIONS = frozenset(("nocase", "binary", "rtrim"))

_T = exp.DataType.Type
TYPES = frozenset(
    (
        _T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT, _T.INT128, _T.UTINYINT, _T.USMALLINT, _T.UINT, _T.UBIGINT,
        _T.DECIMAL, _T.FLOAT, _T.DOUBLE, _T.BOOLEAN, _T.TEXT, _T.VARCHAR, _T.CHAR, _T.NCHAR, _T.NVARCHAR, _T.DATE,
        _T.TIME, _T.TIMESTAMP, _T.TIMESTAMPTZ, _T.TIMESTAMPLTZ, _T.DATETIME, _T.INTERVAL, _T.UUID, _T.JSON, _T.JSONB,
        _T.BIGDECIMAL, _T.BIT, _T.DATE32, _T.DATETIME2, _T.DATETIME64, _T.MEDIUMINT, _T.MONEY, _T.SMALLDATETIME,
        _T.TIMESTAMPNTZ, _T.UDECIMAL,
    )
)  # fmt: skip

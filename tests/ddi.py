"""Checks a codebook against the schema of DDI-Codebook 2.5, as its field-level documentation has it.

The schema itself comes in no package; what stands here is the part of it that our codebooks use: which elements may
stand in which, in which order and how often, which attributes they may have, and what stands in those."""

import re
from collections.abc import Mapping

from lxml import etree

NAMESPACE = "ddi:codebook:2_5"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TEXT = ""
_CITATION = "titlStmt rspStmt? prodStmt? distStmt? serStmt? verStmt? biblCit? holdings* notes*"
# In the order of the schema; ? is at most one, * any number, + at least one, nothing exactly one.
_CHILDREN: Mapping[str, str] = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "docDscr": "citation? guide? docStatus? docSrc* controlledVocabUsed* notes*",
    "stdyDscr": "citation+ stdyInfo* method* dataAccs* othrStdyMat* notes*",
    "citation": _CITATION,
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "prodStmt": "producer* copyright? prodDate* prodPlac* software* fundAg* grantNo*",
    "verStmt": "version? verResp? notes*",
    "stdyInfo": "studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*",
    "fileDscr": "fileTxt* locMap? notes*",
    "fileTxt": "fileName? fileCitation? fileCont? fileStrc? dimensns? fileType? format? filePlac? dataChck* ProcStat? "
    "dataMsng? software* verStmt?",
    "dimensns": "caseQnty* varQnty* logRecL* recPrCas* recNumTot*",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
    "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? varFormat? "
    "geoMap* catLevel* notes*",
    "qstn": "preQTxt* qstnLit* postQTxt* forward* backward* ivuInstr*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
    **dict.fromkeys(
        [
            "titl",
            "prodDate",
            "software",
            "version",
            "abstract",
            "notes",
            "fileName",
            "fileCont",
            "caseQnty",
            "varQnty",
            "fileType",
            "labl",
            "qstnLit",
            "universe",
            "catValu",
            "txt",
            "varFormat",
        ],
        _TEXT,
    ),
}
_ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "codeBook": {"version": "2\\.5", _XML_LANG: "[a-z]{2,3}"},
    "prodDate": {"date": r"\d{4}-\d\d-\d\d"},
    "fileDscr": {"ID": r"[A-Za-z_][\w.-]*"},
    "var": {
        "ID": r"[A-Za-z_][\w.-]*",
        "name": "(?s).+",
        "files": r"\S+( \S+)*",
        "intrvl": "contin|discrete",
        "nature": "nominal|ordinal|interval|ratio|percent|other",
    },
    "qstn": {
        "responseDomainType": "text|numeric|code|category|datetime|geographic|multiple|other",
    },
    "catgry": {"missing": "Y|N", "missType": ".+"},
    "varFormat": {"type": "numeric|character", "schema": "SAS|SPSS|IBM|ANSI|ISO|XML-Data|other"},
}
_NUMBERS = {"caseQnty", "varQnty"}


def complaints(document: bytes) -> list[str]:
    """What is wrong with a codebook, a sentence each."""
    root = etree.fromstring(document)
    if root.tag != f"{{{NAMESPACE}}}codeBook":
        return [f"the root is {root.tag}"]
    wrong = [what for element in root.iter() for what in _of_element(element)]
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    wrong += [f"the ID {each} is there twice" for each in {each for each in ids if ids.count(each) > 1}]
    for variable in root.iter(f"{{{NAMESPACE}}}var"):
        wrong += [f"there is no {each}" for each in variable.get("files", "").split() if each not in ids]
    return wrong


def _name(element: etree._Element) -> str:
    return str(element.tag).removeprefix(f"{{{NAMESPACE}}}")


def _of_element(element: etree._Element) -> list[str]:
    name = _name(element)
    if name not in _CHILDREN:
        return [f"{name} is not an element that is known here"]
    wrong = []
    model = "".join(_repeated(part) for part in _CHILDREN[name].split())
    children = "".join(f"<{_name(child)}>" for child in element)
    if not re.fullmatch(model, children):
        wrong.append(f"{name} may not have {children}")
    allowed = _ATTRIBUTES.get(name, {})
    for key, value in element.items():
        if key not in allowed:
            wrong.append(f"{name} may not have the attribute {key}")
        elif not re.fullmatch(allowed[key], value):
            wrong.append(f"{name} may not have {key}={value!r}")
    text = (element.text or "").strip()
    if text and _CHILDREN[name] != _TEXT:
        wrong.append(f"{name} may not have text")
    if name in _NUMBERS and not text.isdigit():
        wrong.append(f"{name} is no number: {text!r}")
    return wrong


def _repeated(part: str) -> str:
    name, sign = re.fullmatch(r"(\w+)([?*+]?)", part).groups()  # type: ignore[union-attr]  # all parts above are so
    return f"(?:<{name}>){sign}"

// What KDE's pass library finds in .pkpass files, as one JSON array: reader LANGUAGE FILE...
// An element is null for a file that the library does not open.

#include <KPkPass/Barcode>
#include <KPkPass/Field>
#include <KPkPass/Location>
#include <KPkPass/Pass>

#include <QColor>
#include <QDateTime>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QMetaEnum>
#include <QUrl>
#include <QVector>

#include <cstdio>
#include <memory>

template<typename Enum> static QString nameOf(Enum value)
{
    return QString::fromLatin1(QMetaEnum::fromType<Enum>().valueToKey(value));
}

static QJsonArray fields(const QVector<KPkPass::Field> &found)
{
    QJsonArray list;
    for (const auto &field : found) {
        list.append(QJsonObject{{QStringLiteral("key"), field.key()},
                                {QStringLiteral("label"), field.label()},
                                {QStringLiteral("value"), QJsonValue::fromVariant(field.value())},
                                {QStringLiteral("shown"), field.valueDisplayString()},
                                {QStringLiteral("change"), field.changeMessage()}});
    }
    return list;
}

static QJsonArray barcodes(const KPkPass::Pass &pass)
{
    QJsonArray list;
    for (const auto &code : pass.barcodes()) {
        list.append(QJsonObject{{QStringLiteral("format"), nameOf(code.format())},
                                {QStringLiteral("message"), code.message()},
                                {QStringLiteral("encoding"), code.messageEncoding()},
                                {QStringLiteral("text"), code.alternativeText()}});
    }
    return list;
}

static QJsonArray locations(const KPkPass::Pass &pass)
{
    QJsonArray list;
    for (const auto &place : pass.locations()) {
        list.append(QJsonArray{place.latitude(), place.longitude(), place.relevantText()});
    }
    return list;
}

static QJsonObject images(const KPkPass::Pass &pass)
{
    QJsonObject sizes;
    for (const auto &name : {"icon", "logo", "strip", "thumbnail", "background", "footer"}) {
        const auto base = QString::fromLatin1(name);
        QJsonArray scales;
        for (unsigned int scale = 1; pass.hasImage(base) && scale <= 3; ++scale) {
            const QImage image = pass.image(base, scale);
            scales.append(QJsonArray{image.width(), image.height()});
        }
        if (!scales.isEmpty()) {
            sizes.insert(base, scales);
        }
    }
    return sizes;
}

static QJsonValue read(const QString &file)
{
    const std::unique_ptr<KPkPass::Pass> pass(KPkPass::Pass::fromFile(file));
    if (!pass) {
        return QJsonValue::Null;
    }
    return QJsonObject{{QStringLiteral("type"), nameOf(pass->type())},
                       {QStringLiteral("pass_type"), pass->passTypeIdentifier()},
                       {QStringLiteral("serial"), pass->serialNumber()},
                       {QStringLiteral("organization"), pass->organizationName()},
                       {QStringLiteral("description"), pass->description()},
                       {QStringLiteral("logo_text"), pass->logoText()},
                       {QStringLiteral("voided"), pass->isVoided()},
                       {QStringLiteral("expires"), pass->expirationDate().toUTC().toString(Qt::ISODate)},
                       {QStringLiteral("token"), pass->authenticationToken()},
                       {QStringLiteral("service"), pass->webServiceUrl().toString()},
                       {QStringLiteral("update"), pass->passUpdateUrl().toString()},
                       {QStringLiteral("background"), pass->backgroundColor().name()},
                       {QStringLiteral("foreground"), pass->foregroundColor().name()},
                       {QStringLiteral("label"), pass->labelColor().name()},
                       {QStringLiteral("barcodes"), barcodes(*pass)},
                       {QStringLiteral("locations"), locations(*pass)},
                       {QStringLiteral("images"), images(*pass)},
                       {QStringLiteral("header"), fields(pass->headerFields())},
                       {QStringLiteral("primary"), fields(pass->primaryFields())},
                       {QStringLiteral("secondary"), fields(pass->secondaryFields())},
                       {QStringLiteral("auxiliary"), fields(pass->auxiliaryFields())},
                       {QStringLiteral("back"), fields(pass->backFields())}};
}

int main(int count, char *words[])
{
    if (count < 3) {
        std::fputs("reader LANGUAGE FILE...\n", stderr);
        return 2;
    }
    QLocale::setDefault(QLocale(QString::fromLocal8Bit(words[1])));
    QJsonArray found;
    for (int place = 2; place < count; ++place) {
        found.append(read(QString::fromLocal8Bit(words[place])));
    }
    const QByteArray said = QJsonDocument(found).toJson(QJsonDocument::Compact);
    std::fwrite(said.constData(), 1, static_cast<size_t>(said.size()), stdout);
    return 0;
}
